from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aep_delivery.events.inbound import DeliveryRequest, PrefixRequest, execution_name, parse_inbound
from aep_delivery.events.schema import delivery_requested_schema, delivery_scheduled_schema
from aep_delivery.runtime.errors import UserError

EVENTS = Path(__file__).parents[3] / "events"


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / name).read_text(encoding="utf-8"))
    return event


def one(event: dict[str, Any], config_bucket: str | None = "configs") -> DeliveryRequest:
    requests = parse_inbound(event, config_bucket=config_bucket)
    assert isinstance(requests, list)
    (request,) = requests
    return request


def test_a_dropped_config_keeps_its_key_as_it_is() -> None:
    assert one(sample("s3-object-created.json")) == DeliveryRequest(
        bucket="aep-delivery-config",
        key="deliveries/NYC flights+airports.yaml",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        trigger="upload",
        occasion="",
        requested_at=datetime(2027, 1, 1, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("a.yaml", 1),
        ("a.yml", 1),
        ("a.json", 1),
        ("A.YAML", 1),
        ("a.txt", 0),
        ("folder/", 0),
        ("yaml", 0),
        ("a.base.yaml", 0),
        ("a.base.yml", 0),
        ("bases/A.Base.JSON", 0),
        ("base.yaml", 1),
        ("a.base.dev.yaml", 1),
    ],
)
def test_only_configs_count(key: str, count: int) -> None:
    event = sample("s3-object-created.json")
    event["detail"]["object"]["key"] = key
    requests = parse_inbound(event)
    assert isinstance(requests, list)
    assert len(requests) == count


def test_without_versions_a_changed_config_is_another_request() -> None:
    event = sample("s3-object-created.json")
    del event["detail"]["object"]["version-id"]
    changed = copy.deepcopy(event)
    changed["detail"]["object"]["sequencer"] = "00617F08299329D18A"
    assert execution_name(one(event)) == execution_name(one(copy.deepcopy(event)))
    assert execution_name(one(event)) != execution_name(one(changed))


def test_a_schedule_asks_for_all_configs_under_a_prefix() -> None:
    request = parse_inbound(sample("delivery-scheduled.json"))
    assert request == PrefixRequest(
        bucket="aep-delivery-config",
        prefix="deliveries/",
        trigger="schedule",
        occasion="2027-01-01T12:00:00+00:00",
        requested_at=datetime(2027, 1, 1, 12, tzinfo=UTC),
    )
    assert isinstance(request, PrefixRequest)
    assert request.for_key("deliveries/readme.md") is None
    assert request.for_key("deliveries/flights.base.yaml") is None
    flights = request.for_key("deliveries/flights.yaml", "v1")
    assert flights is not None
    assert (flights.key, flights.version_id, flights.occasion) == ("deliveries/flights.yaml", "v1", request.occasion)
    assert flights.requested_at == request.requested_at


@pytest.mark.parametrize("detail", [{"key": "a.yaml"}, {"keys": "a.yaml"}], ids=lambda detail: next(iter(detail)))
def test_a_schedule_may_ask_for_one_config(detail: dict[str, str]) -> None:
    request = one({**sample("delivery-scheduled.json"), "detail": detail})
    assert (request.bucket, request.key, request.trigger) == ("configs", "a.yaml", "schedule")


def test_two_slots_of_a_schedule_are_two_deliveries_and_one_slot_is_one() -> None:
    first = {**sample("delivery-scheduled.json"), "detail": {"key": "a.yaml"}}
    assert execution_name(one(first)) == execution_name(one({**first, "id": "another"}))
    assert execution_name(one(first)) != execution_name(one({**first, "time": "2027-01-02T12:00:00Z"}))


def test_an_event_of_somebodys_own() -> None:
    assert one(sample("delivery-requested.json")) == DeliveryRequest(
        bucket="configs",
        key="deliveries/nyc-flights.yaml",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        sandbox="prod",
        trigger="event",
        occasion="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        requested_at=datetime(2027, 1, 1, 10, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize("trigger", ["NOW", "SCHEDULED", None])
def test_an_event_may_mean_another_trigger_than_the_config(trigger: str | None) -> None:
    event = sample("delivery-requested.json")
    event["detail"]["runTrigger"] = trigger
    Draft202012Validator(delivery_requested_schema()).validate(event)
    assert one(event).run_trigger == trigger
    event["detail"]["runTrigger"] = "LATER"
    with pytest.raises(UserError) as caught:
        parse_inbound(event, config_bucket="configs")
    assert caught.value.place == "runTrigger"


def test_the_command_line_is_told_apart() -> None:
    assert one({**sample("delivery-requested.json"), "source": "aep-delivery.cli"}).trigger == "cli"


def test_a_batch_of_the_intake_queue_holds_events() -> None:
    bodies = [json.loads(record["body"]) for record in sample("receive-request.json")["Records"]]
    assert [body["detail-type"] for body in bodies] == ["Object Created", "Delivery Scheduled", "Delivery Requested"]
    for body in bodies:
        assert parse_inbound(body, config_bucket="configs")


def _without(name: str, *path: str) -> dict[str, Any]:
    event = sample(name)
    target = event
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return event


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({}, "detail, detail-type, source, time"),
        ({**sample("s3-object-created.json"), "detail-type": "Object Deleted"}, None),
        ({**sample("s3-object-created.json"), "source": "com.example"}, None),
        (_without("s3-object-created.json", "detail", "bucket"), "bucket"),
        (_without("delivery-requested.json", "id"), "id"),
        (_without("delivery-requested.json", "detail", "key"), "key"),
        ({**sample("delivery-requested.json"), "detail": {"key": "a.txt"}}, "detail.key"),
        ({**sample("delivery-requested.json"), "detail": {"key": "a.base.yaml"}}, "detail.key"),
        ({**sample("delivery-requested.json"), "time": "2027-01-01T10:15:00"}, "time"),
        ({**sample("delivery-scheduled.json"), "time": "<aws.scheduler.scheduled-time>"}, "time"),
        ({**sample("delivery-scheduled.json"), "detail": {}}, "event"),
        ({**sample("delivery-scheduled.json"), "detail": {"key": "a.yaml", "prefix": "b/"}}, "event"),
    ],
)
def test_what_is_not_understood_is_said(event: dict[str, Any], place: str | None) -> None:
    with pytest.raises(UserError) as caught:
        parse_inbound(event, config_bucket="configs")
    assert (caught.value.code, caught.value.place) == ("event.not-understood", place)


def test_an_event_without_bucket_needs_the_stacks_own() -> None:
    with pytest.raises(UserError, match="names no bucket"):
        parse_inbound(sample("delivery-requested.json"))


def test_inbound_samples_match_their_schemas() -> None:
    Draft202012Validator(delivery_requested_schema()).validate(sample("delivery-requested.json"))
    schedule = Draft202012Validator(delivery_scheduled_schema())
    schedule.validate(sample("delivery-scheduled.json"))
    assert not schedule.is_valid({**sample("delivery-scheduled.json"), "detail": {}})


def test_a_request_travels_as_json() -> None:
    request = one(sample("s3-object-created.json"))
    document = request.model_dump(mode="json", by_alias=True)
    assert document["versionId"] == request.version_id
    assert DeliveryRequest.model_validate(document) == request


IDENTITIES = st.fixed_dictionaries(
    {
        "bucket": st.sampled_from(["a", "b", "a,b"]),
        "key": st.text(min_size=1, max_size=100).map(lambda stem: stem + ".yaml"),
        "version_id": st.none() | st.sampled_from(["", "1", "2"]),
        "sandbox": st.none() | st.sampled_from(["", "prod", "1"]),
        "occasion": st.sampled_from(["", "1", "prod"]),
    }
)


def request_of(identity: dict[str, Any], trigger: str = "event", hour: int = 0) -> DeliveryRequest:
    return DeliveryRequest.model_validate(
        {**identity, "trigger": trigger, "requested_at": datetime(2027, 1, 1, hour, tzinfo=UTC)}
    )


@given(IDENTITIES, IDENTITIES)
def test_execution_names_are_the_same_exactly_for_the_same_request(left: dict[str, Any], right: dict[str, Any]) -> None:
    name = execution_name(request_of(left))
    # How and when the event came is not part of what it asks for.
    assert name == execution_name(request_of(left, trigger="upload", hour=5))
    assert (name == execution_name(request_of(right))) is (left == right)


@given(IDENTITIES)
def test_execution_names_are_what_step_functions_takes(identity: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{34,80}", execution_name(request_of(identity)))


def test_execution_names_are_readable() -> None:
    name = execution_name(one(sample("s3-object-created.json")))
    assert re.fullmatch(r"NYC-flights-airports-[0-9a-f]{32}", name)
    # Pinned: a changed algorithm would run every delivery of the last 90 days again.
    assert name.endswith("-a95407c52049fdb20e65f82523dbc294")
