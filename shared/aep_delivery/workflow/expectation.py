"""What must be in storage, from a delivery's config and plan."""

from __future__ import annotations

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan
from aep_delivery.verification.expectation import Expectation, ExpectedDataset


def expectation_of(config: DeliveryConfig, plan: Plan) -> Expectation:
    """The delivery as verification takes it; the plan says the ids and names of the datasets."""
    destination = config.destination
    return Expectation(
        location=f"s3://{destination.bucket_name}",
        path=destination.path,
        datasets=tuple(ExpectedDataset(id=dataset.id, name=dataset.name) for dataset in plan.datasets),
        dataset_file_type=destination.dataset_file_type.value,
        compression=destination.compression.value,
        foldername_template=config.schedule_params.foldername_template,
        sandbox_name=config.sandbox,
        manifest=destination.include_file_manifest,
    )
