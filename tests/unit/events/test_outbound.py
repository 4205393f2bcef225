from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import boto3
import pytest
from botocore.stub import ANY, Stubber
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from aep_delivery.events.details import DETAILS, DeliveryFailed, FailedVerdict, GoodVerdict, MismatchVerdict
from aep_delivery.events.outbound import SOURCE, EventBridgePublisher, EventPublisher, NoBus, OutboundEvent, event_for
from aep_delivery.events.schema import outbound_event_schema
from aep_delivery.runtime.errors import ErrorDocument, InternalError, TransientError
from aep_delivery.verification.report import Verdict

EVENTS = Path(__file__).parents[3] / "events"
OUTBOUND = sorted(
    path for path in EVENTS.glob("*.json") if json.loads(path.read_text(encoding="utf-8")).get("source") == SOURCE
)
NOW = datetime(2027, 1, 1, 13, 4, 27, tzinfo=UTC)


@dataclass(frozen=True)
class Whose:
    name: str = "nyc-flights"
    sandbox: str | None = "prod"


@dataclass(frozen=True)
class Request:
    execution: str = "nyc-flights-1"


@dataclass(frozen=True)
class Run:
    flow_id: str = "flow-1"
    run_ids: list[str] = field(default_factory=lambda: ["run-1"])


@dataclass(frozen=True)
class Found:
    rows: int = 3
    bytes: int = 200
    file_count: int = 2
    uncounted_files: int = 0
    level: str = "content"
    location: str = "s3://my-bucket/exports"


@dataclass(frozen=True)
class Receipt:
    verdict: str
    delivery: Whose = Whose()
    request: Request = Request()
    reason: str = "A reason."
    finished_at: datetime = NOW
    run: Run | None = Run()
    verification: Found | None = Found()
    failure: ErrorDocument | None = None


FAILURE = ErrorDocument(error="UserError", code="config.x", message="No.", hint="Do.", place="a:1:1", details=["line"])


def announce(receipt: Receipt) -> OutboundEvent:
    return event_for(receipt, receipt_uri="s3://papers/r.json", page_uri="s3://papers/r.html")


def test_rows_that_cannot_be_counted_are_not_announced_as_none() -> None:
    found = announce(Receipt("VERIFIED", verification=Found(rows=0, uncounted_files=2, level="structure")))
    detail = json.loads(found.body)
    assert (detail["rows"], detail["files"], detail["level"]) == (None, 2, "structure")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_event(verdict: Verdict) -> None:
    event = announce(Receipt(verdict))
    good, nothing = verdict.is_good, verdict in (Verdict.RUN_FAILED, Verdict.NO_RUN)
    expected = "Delivery Verified" if good else "Delivery Failed" if nothing else "Delivery Mismatch Found"
    assert event.detail_type == expected
    assert event.detail.verdict == verdict
    sent = {"source": SOURCE, "detail-type": event.detail_type, "detail": json.loads(event.body)}
    Draft202012Validator(outbound_event_schema(expected)).validate(sent)


def test_the_verdicts_of_the_events_are_those_of_verification() -> None:
    known = {*get_args(GoodVerdict), *get_args(MismatchVerdict), *get_args(FailedVerdict)}
    assert known == {str(verdict) for verdict in Verdict}


def test_a_verified_delivery_in_full() -> None:
    assert json.loads(announce(Receipt("VERIFIED")).body) == {
        "eventId": "425fcfdd-813e-5a96-b227-ccc455e32e1c",
        "schemaVersion": "1",
        "deliveryId": "prod/nyc-flights",
        "delivery": "nyc-flights",
        "sandbox": "prod",
        "execution": "nyc-flights-1",
        "reason": "A reason.",
        "receipt": "s3://papers/r.json",
        "receiptPage": "s3://papers/r.html",
        "rows": 3,
        "bytes": 200,
        "files": 2,
        "level": "content",
        "location": "s3://my-bucket/exports",
        "flowId": "flow-1",
        "runIds": ["run-1"],
        "finishedAt": "2027-01-01T13:04:27Z",
        "verdict": "VERIFIED",
    }


def test_an_error_makes_it_a_failure() -> None:
    receipt = Receipt("FAILED", Whose("crm.yaml", None), run=None, verification=None, failure=FAILURE)
    event = announce(receipt)
    assert event.detail_type == "Delivery Failed"
    assert isinstance(event.detail, DeliveryFailed)
    assert event.detail.error is not None
    assert event.detail.error.model_dump() == {"code": "config.x", "message": "No.", "hint": "Do.", "place": "a:1:1"}
    assert (event.detail.verdict, event.detail.delivery_id, event.detail.delivery) == (None, None, None)
    assert (event.detail.rows, event.detail.run_ids) == (0, [])


@pytest.mark.parametrize("receipt", [Receipt("PERFECT"), Receipt("FAILED"), Receipt("VERIFIED", Whose(sandbox=None))])
def test_what_no_event_can_say_is_refused(receipt: Receipt) -> None:
    with pytest.raises(ValidationError):
        announce(receipt)


def test_a_failure_says_why() -> None:
    document = json.loads(announce(Receipt("NO_RUN")).body)
    del document["eventId"]
    with pytest.raises(ValidationError, match="a verdict or an error"):
        DeliveryFailed.model_validate({**document, "verdict": None})


def test_there_is_a_sample_of_each_event() -> None:
    assert {json.loads(path.read_text(encoding="utf-8"))["detail-type"] for path in OUTBOUND} == set(DETAILS)


@pytest.mark.parametrize("path", OUTBOUND, ids=lambda path: path.stem)
def test_samples_are_what_is_sent(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    # The id is made of the rest: that it comes out as written keeps it the same from one version to the next.
    rest = {name: value for name, value in event["detail"].items() if name != "eventId"}
    detail = DETAILS[event["detail-type"]].model_validate(rest)
    assert json.loads(detail.model_dump_json(by_alias=True)) == event["detail"]
    assert datetime.fromisoformat(event["time"]) == detail.moment
    Draft202012Validator(outbound_event_schema(event["detail-type"])).validate(event)


@pytest.mark.parametrize("path", OUTBOUND, ids=lambda path: path.stem)
def test_the_schema_takes_new_fields_and_refuses_missing_ones(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    validator = Draft202012Validator(outbound_event_schema(event["detail-type"]))
    newer = copy.deepcopy(event)
    newer["detail"]["somethingNew"] = 1
    validator.validate(newer)
    older = copy.deepcopy(event)
    del older["detail"]["execution"]
    assert not validator.is_valid(older)
    assert not validator.is_valid({**event, "source": "com.example"})


def _client() -> Any:
    return boto3.client("events", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_publishing_puts_one_entry_on_the_bus() -> None:
    client = _client()
    event = announce(Receipt("VERIFIED"))
    entry = {
        "Source": SOURCE,
        "DetailType": "Delivery Verified",
        "Detail": event.body,
        "EventBusName": "b",
        "Time": NOW,
    }
    with Stubber(client) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": [entry]})
        EventBridgePublisher(client, "b").publish(event)
        stub.assert_no_pending_responses()


def test_half_an_answer_of_the_bus_is_no_answer() -> None:
    client = _client()
    with Stubber(client) as stub:
        stub.add_response("put_events", {}, {"Entries": ANY})
        with pytest.raises(TransientError) as caught:
            EventBridgePublisher(client, "b").publish(announce(Receipt("VERIFIED")))
    assert caught.value.code == "event.not-published"


def test_an_entry_that_the_bus_refuses_is_an_error_although_the_call_succeeds() -> None:
    client = _client()
    with Stubber(client) as stub:
        entries = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "…"}]
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": entries}, {"Entries": ANY})
        with pytest.raises(TransientError, match="ThrottlingException") as caught:
            EventBridgePublisher(client, "b").publish(announce(Receipt("VERIFIED")))
    assert caught.value.code == "event.not-published"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [("InternalException", 500, TransientError), ("AccessDeniedException", 400, InternalError)],
)
def test_what_aws_says_is_classified(code: str, status: int, expected: type[Exception]) -> None:
    client = _client()
    with Stubber(client) as stub:
        stub.add_client_error("put_events", code, http_status_code=status)
        with pytest.raises(expected):
            EventBridgePublisher(client, "b").publish(announce(Receipt("VERIFIED")))


def test_an_event_that_no_bus_hears_goes_nowhere() -> None:
    bus: EventPublisher = NoBus()
    event = announce(Receipt("VERIFIED"))
    before = event.body
    bus.publish(event)
    assert event.body == before
