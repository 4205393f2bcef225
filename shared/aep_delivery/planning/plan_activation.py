"""The part of a plan that says which audiences and attributes a dataflow shall have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.activation import ActivationDifference, compare_activation, wanted_activation
from aep_delivery.planning.audience_schedule import check_audience_schedules, live_schedules
from aep_delivery.planning.audiences import AudienceToExport
from aep_delivery.planning.columns import MappingSets, live_columns
from aep_delivery.planning.live import LiveResource
from aep_delivery.planning.transformation import Transformation
from aep_delivery.state.records import ActivationKind, JournalEntry, JournalKey


def activated(journal: Mapping[JournalKey, JournalEntry], flow_id: str) -> frozenset[str]:
    """The audiences that the delivery is known to have put on a dataflow, or to have announced."""
    entry = journal.get(ActivationKind.ACTIVATION)
    records = (entry.done, entry.intent) if entry is not None else ()
    return frozenset(
        audience_id
        for record in records
        if record is not None and record.resource_id == flow_id
        for audience_id in record.audience_ids
    )


def plan_activation(
    config: DeliveryConfig,
    audiences: Sequence[AudienceToExport],
    *,
    dataflow: LiveResource | None,
    ours: Iterable[str],
    mapping_sets: MappingSets | None,
    now: datetime,
) -> ActivationDifference:
    """Compare what a config says of the activation with the dataflow.

    Args:
        config: Of a delivery of audiences.
        audiences: Its audiences.
        dataflow: As it is; None where it is yet to be made.
        ours: Ids of the audiences that the delivery is known to have put there.
        mapping_sets: Data Prep, for the current generation.
        now: By Adobe's clock.

    Raises:
        UserError: As :func:`check_audience_schedules`.
    """
    wanted = wanted_activation(config, audiences)
    body = dataflow.body if dataflow is not None else {}
    live = Transformation.of(body, first_generation=wanted.first_generation)
    check_audience_schedules(config, audiences, live_schedules(live.audiences), now)
    return compare_activation(wanted, live, ours=frozenset(ours), columns=live_columns(live, mapping_sets))
