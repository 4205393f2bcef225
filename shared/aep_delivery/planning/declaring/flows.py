"""Dataflows: with one schedule for all datasets, or with the empty transformation that audiences are put into.

Sources: as of the target connections.
"""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.catalogue import DestinationRow
from aep_delivery.adobe.transformations import transform_skeleton
from aep_delivery.runtime.errors import InternalError

TRANSFORM = "GeneralTransform"
"""The one transformation of a dataflow of audiences."""


def dataset_flow(row: DestinationRow, schedule: dict[str, Any]) -> dict[str, Any]:
    """A dataflow of datasets, without its connections."""
    return {
        "flowSpec": {"id": row.dataset_flow_spec_id, "version": "1.0"},
        "transformations": [],
        # Left out of the config, the template is Adobe's own: one set earlier has to go.
        "scheduleParams": {"foldernameTemplate": None, **schedule},
    }


def audience_flow(row: DestinationRow, flow_spec_id: str | None) -> dict[str, Any]:
    """A dataflow of audiences, without its connections. The audiences come later, by activation.

    Args:
        row: The destination.
        flow_spec_id: Where the catalogue has the flow specification's name alone.

    Raises:
        InternalError: ``catalogue.flow-spec-unknown``; nobody has looked the id up.
    """
    found = flow_spec_id or row.flow_specs.audiences.id
    if found is None:
        raise InternalError(
            f"The flow specification {row.flow_specs.audiences.name} of {row.title} was not looked up.",
            code="catalogue.flow-spec-unknown",
        )
    return {
        "flowSpec": {"id": found, "version": "1.0"},
        # Never left empty: the paths of a later patch would have no parent.
        "transformations": [{"name": TRANSFORM, "params": transform_skeleton(row.generation).params.public_body()}],
    }
