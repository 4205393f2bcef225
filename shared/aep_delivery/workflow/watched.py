"""A delivery as the watches know it: what was applied of it, and its dataflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import Plan
from aep_delivery.running.timetable import AudienceTimetable, DatasetTimetable, Timetable
from aep_delivery.state.records import Applied, ResourceKind
from aep_delivery.workflow.config_document import ConfigDocument, read_config
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import DeliveryRef
from aep_delivery.workflow.services import Services

NOTHING_APPLIED = "Nothing of it was applied yet, or it was removed."


@dataclass(frozen=True)
class Watched:
    """One delivery.

    Attributes:
        applied: What was applied.
        flow_id: Adobe's id of the dataflow.
        document: The config, with where it came from.
        config: The config.
        plan: What was applied from it.
    """

    applied: Applied
    flow_id: str
    document: ConfigDocument
    config: DeliveryConfig
    plan: Plan

    @property
    def timetables(self) -> list[Timetable]:
        """When it is exported: one for all datasets, or one for each audience."""
        if self.config.exports_audiences:
            return [AudienceTimetable(audience, audience.name) for audience in self.plan.audiences]
        return [DatasetTimetable(self.plan.schedule)]


class AppliedFlow(NamedTuple):
    """What was last applied of a delivery, and its dataflow.

    Attributes:
        applied: What was applied last.
        flow_id: Adobe's id of the dataflow.
        since: When the dataflow became as it is, or something was applied to it without a change, whichever was first.
    """

    applied: Applied
    flow_id: str
    since: datetime


def applied_flow(delivery_id: str, services: Services) -> AppliedFlow | None:
    """What there is to watch of a delivery; None where nothing was applied, or it was removed."""
    applied = services.store.applied(delivery_id)
    entry = services.store.read_journal(delivery_id).get(ResourceKind.DATAFLOW)
    if applied is None or entry is None or entry.done is None:
        return None
    changed_at = entry.done.intended_at or entry.done.written_at
    return AppliedFlow(applied, entry.done.resource_id, min(applied.applied_at, changed_at))


def watched(delivery_id: str, applied: Applied, flow_id: str, services: Services) -> Watched:
    """A delivery with the documents of what was applied.

    Raises:
        InternalError: A document is missing or damaged.
    """
    document = read_config(services.documents, DeliveryRef(delivery_id=delivery_id, config=applied.config_key))
    return Watched(
        applied=applied,
        flow_id=flow_id,
        document=document,
        config=document.delivery(),
        plan=read_document(services.documents, applied.plan_key, Plan),
    )
