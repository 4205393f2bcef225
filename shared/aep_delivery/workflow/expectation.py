"""What must be in storage, from a delivery's config and plan."""

from __future__ import annotations

from typing import cast

from aep_delivery.config.audiences import Activation
from aep_delivery.config.destinations import CloudFiles, CsvOptions
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.expectation import (
    Compression,
    Expectation,
    ExpectedAudience,
    ExpectedDataset,
    FileType,
    Rules,
)
from aep_delivery.verification.level import Level
from aep_delivery.workflow.destination_storage import Place

_FIRST_GENERATION_DIALECT = CsvDialect(escape="\\")
"""The first generation has no options, and Adobe does not say how its CSV is written: as Apache Spark writes it."""


def expectation_of(config: DeliveryConfig, plan: Plan) -> Expectation:
    """The delivery as verification takes it; the plan says the ids and names of datasets and audiences."""
    destination, place = config.destination, Place.of(config)
    file_type, compression = _form(config)
    activation = config.activation
    return Expectation(
        location=place.location,
        path=place.folder,
        datasets=tuple(ExpectedDataset(id=dataset.id, name=dataset.name) for dataset in plan.datasets),
        audiences=tuple(
            ExpectedAudience(id=audience.id, name=audience.name, filename_template=audience.filename_template)
            for audience in plan.audiences
        ),
        file_type=file_type,
        compression=compression,
        dialect=_dialect(destination.effective_csv_options)
        if isinstance(destination, CloudFiles)
        else _FIRST_GENERATION_DIALECT,
        level=Level(config.verify.level),
        sample=config.verify.sample,
        encrypted=isinstance(destination, CloudFiles) and destination.encryption is not None,
        foldername_template=config.schedule_params.foldername_template if config.schedule_params else None,
        sandbox_name=config.sandbox,
        manifest=destination.include_file_manifest,
        columns=tuple(attribute.column_name for attribute in activation.attributes) if activation else (),
        key_columns=_key_columns(activation) if activation else (),
    )


def rules_of(config: DeliveryConfig) -> Rules:
    """Which differences decide."""
    verify = config.verify
    return Rules(
        record_count=verify.record_count.value,
        file_count=verify.file_count.value,
        columns=verify.columns.value if verify.columns else None,
    )


def _form(config: DeliveryConfig) -> tuple[FileType, Compression]:
    destination = config.destination
    if not isinstance(destination, CloudFiles):
        return "CSV", "NONE"
    kind = destination.file_type if config.exports_audiences else destination.dataset_file_type
    # The config's rules require the one that goes with what is exported.
    return cast("FileType", str(kind)), cast("Compression", str(destination.compression))


def _dialect(options: CsvOptions | None) -> CsvDialect:
    if options is None:
        return CsvDialect()
    return CsvDialect(
        delimiter=options.delimiter,
        quote=options.quote,
        escape=options.escape,
        null_value=options.null_value,
        empty_value=options.empty_value,
    )


def _key_columns(activation: Activation) -> tuple[str, ...]:
    """The columns that the deduplication key is exported as; none where a part of it is not exported."""
    columns = {attribute.source: attribute.column_name for attribute in activation.attributes}
    sources = [field.attribute_path or f"identityMap.{field.identity_namespace}" for field in activation.primary_fields]
    return tuple(columns[source] for source in sources) if all(source in columns for source in sources) else ()
