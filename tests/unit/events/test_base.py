from __future__ import annotations

import json
import string
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.events.base import LONGEST_TEXT, EventError, named, within
from aep_delivery.events.details import (
    DETAILS,
    LONGEST_VALUE,
    MOST_CHANGES,
    DataflowDriftFound,
    DriftedEntity,
    FieldDifference,
)
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.events.progress import PlannedCounts, PlanReady
from aep_delivery.events.watches import CredentialExpiring, DeliveryLate
from aep_delivery.runtime.errors import ErrorDocument

NOW = datetime(2027, 1, 1, 13, 4, 27, tzinfo=UTC)
LATER = datetime(2027, 1, 1, 14, tzinfo=UTC)
EVENTBRIDGE_TAKES = 256 * 1024
"""Bytes of an entry (AWS: PutEvents)."""
names = st.text(string.ascii_lowercase + "/-", min_size=1, max_size=20)


def ready(delivery_id: str = "prod/orders", execution: str = "e-1", moment: datetime = NOW) -> PlanReady:
    return PlanReady(
        **named(delivery_id),
        execution=execution,
        reason="A reason.",
        plan="s3://work/plan.json",
        changes=0,
        actions=PlannedCounts(),
        warnings=0,
        planned_at=moment,
    )


def late(execution: str, due_at: datetime) -> DeliveryLate:
    return DeliveryLate(
        **named("prod/orders"),
        execution=execution,
        reason="A reason.",
        due_at=due_at,
        late_seconds=60,
        tolerance_minutes=30,
        detected_at=NOW,
    )


def test_the_same_fact_told_again_has_the_same_id() -> None:
    assert ready(moment=NOW).event_id == ready(moment=LATER).event_id
    assert uuid.UUID(ready().event_id).version == 5


@given(names, names, names, names)
def test_two_facts_have_two_ids(one: str, other: str, execution: str, another: str) -> None:
    same = (one, execution) == (other, another)
    assert (ready(one, execution).event_id == ready(other, another).event_id) is same


def test_two_kinds_of_event_have_two_ids() -> None:
    ends = [DETAILS[kind] for kind in ("Delivery Verified", "Delivery Mismatch Found", "Delivery Failed")]
    ids = {model.model_construct(delivery_id="prod/orders", execution="e-1").event_id for model in ends}
    assert len(ids) == len(ends)


def test_what_a_watch_finds_again_is_the_same_fact() -> None:
    assert late("monday", NOW).event_id == late("tuesday", NOW).event_id
    assert late("monday", NOW).event_id != late("monday", LATER).event_id


@pytest.mark.parametrize("model", DETAILS.values(), ids=DETAILS)
def test_the_fields_that_make_a_fact_and_its_moment_are_there(model: type) -> None:
    assert {*model.FACT, model.MOMENT} <= set(model.model_fields)


def test_texts_are_cut_and_seen_to_be() -> None:
    assert (within(None), within("short"), within("x" * LONGEST_TEXT)) == (None, "short", "x" * LONGEST_TEXT)
    cut = within("x" * (LONGEST_TEXT + 1))
    assert (len(cut), cut[-2:]) == (LONGEST_TEXT, "x…")
    told = EventError.of(ErrorDocument(error="UserError", code="a.b", message="m" * 9999, hint="h" * 9999, details=[]))
    assert (len(told.message), len(told.hint or ""), told.place) == (LONGEST_TEXT, LONGEST_TEXT, None)


def test_the_most_that_can_drift_fits_into_an_event() -> None:
    value = {"x": ["y" * 100] * 100}
    drifted = DriftedEntity(
        kind="dataflow",
        id="i" * 36,
        name="n" * 255,
        drift="changed",
        changes=[FieldDifference(path="p" * 200, before=value, after=[value, value]) for _ in range(1000)],
    )
    detail = DataflowDriftFound(
        **named("prod/orders"),
        execution="e" * 80,
        reason="r" * LONGEST_TEXT,
        policy="report",
        repaired=False,
        resources=[drifted.within_bounds()] * 5,
        error=None,
        detected_at=NOW,
    )
    assert len(OutboundEvent(detail=detail).body.encode()) < EVENTBRIDGE_TAKES
    entity = json.loads(OutboundEvent(detail=detail).body)["resources"][0]
    assert (len(entity["changes"]), entity["moreChanges"]) == (MOST_CHANGES, 1000 - MOST_CHANGES)
    assert len(entity["changes"][0]["before"]) == LONGEST_VALUE


def test_what_has_room_is_told_as_it_is() -> None:
    change = FieldDifference(path="state", before={"a": [1, None]}, after="enabled")
    entity = DriftedEntity(kind="dataflow", id="i", name="n", drift="changed", changes=[change])
    assert entity.within_bounds() == entity


def test_the_credentials_that_all_deliveries_use_are_of_none() -> None:
    detail = CredentialExpiring(
        execution="watch",
        reason="A reason.",
        code="credential-expired",
        secret="stack/adobe",
        credential="client secret",
        expires_at=NOW,
        days_left=0,
        detected_at=LATER,
    )
    body = json.loads(OutboundEvent(detail=detail).body)
    assert (body["deliveryId"], body["delivery"], body["sandbox"], body["deliveries"]) == (None, None, None, [])
