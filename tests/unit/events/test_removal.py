from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aep_delivery.events.removal import RemovalRequest, parse_removal, removal_execution_name
from aep_delivery.events.schema import delivery_removal_requested_schema
from aep_delivery.runtime.errors import UserError

SAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "events" / "delivery-removal-requested.json").read_text(encoding="utf-8")
)
REQUESTED_AT = datetime(2027, 6, 1, 10, 15, tzinfo=UTC)


def test_an_event_of_somebodys_own() -> None:
    assert parse_removal(SAMPLE) == RemovalRequest(
        delivery_id="prod/nyc-flights", trigger="event", occasion=SAMPLE["id"], requested_at=REQUESTED_AT
    )


def test_the_command_line_is_told_apart() -> None:
    assert parse_removal({**SAMPLE, "source": "aep-delivery.cli"}).trigger == "cli"


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({}, "detail, detail-type, source, time"),
        ({**SAMPLE, "detail-type": "Delivery Requested"}, None),
        ({key: value for key, value in SAMPLE.items() if key != "id"}, "id"),
        ({**SAMPLE, "detail": {}}, "deliveryId"),
        ({**SAMPLE, "detail": {"deliveryId": "nyc-flights"}}, "deliveryId"),
        ({**SAMPLE, "detail": {"deliveryId": "prod/*"}}, "deliveryId"),
        ({**SAMPLE, "detail": {"deliveryId": "prod/nyc-flights\n"}}, "deliveryId"),
    ],
)
def test_what_is_not_understood_is_said(event: dict[str, Any], place: str | None) -> None:
    with pytest.raises(UserError) as caught:
        parse_removal(event)
    assert (caught.value.code, caught.value.place) == ("event.not-understood", place)


def test_the_sample_is_what_the_schema_says() -> None:
    schema = Draft202012Validator(delivery_removal_requested_schema())
    schema.validate(SAMPLE)
    assert not schema.is_valid({**SAMPLE, "detail": {"deliveryId": "nyc-flights"}})


IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,255}/[a-z][a-z0-9-]{1,62}", fullmatch=True)


def request_of(delivery_id: str, occasion: str) -> RemovalRequest:
    return RemovalRequest(delivery_id=delivery_id, trigger="event", occasion=occasion, requested_at=REQUESTED_AT)


@given(IDS, IDS, st.sampled_from(["1", "2"]), st.sampled_from(["1", "2"]))
def test_execution_names_are_the_same_exactly_for_the_same_request(left: str, right: str, one: str, other: str) -> None:
    name = removal_execution_name(request_of(left, one))
    assert re.fullmatch(r"[a-z0-9-]{40,80}", name)
    assert (name == removal_execution_name(request_of(right, other))) is ((left, one) == (right, other))


def test_execution_names_are_readable() -> None:
    # Pinned: a changed algorithm would run the same event again.
    name = removal_execution_name(parse_removal(SAMPLE))
    assert name == "remove-prod-nyc-flights-9fae50db15f5f9f8fbf4af9887fc93e2"
