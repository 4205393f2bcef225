from __future__ import annotations

import json
from datetime import timedelta

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.events.outbound import event_for
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.records import Applied
from aep_delivery.status.board import MemoryStatusBoard
from aep_delivery.status.draw import DOCUMENT, PAGE
from aep_delivery.status.shelf import MemoryShelf
from aep_delivery.verification.level import Level
from aep_delivery.verification.receipt.models import Asked, AskedDestination, AskedSchedule, Delivery, Receipt, Request
from aep_delivery.verification.report import Verdict, VerificationReport
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import write_document
from aep_delivery.workflow.steps.draw_status import draw_status

CANARY = "hunter2-canary"
CLOCK = json.dumps({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})


@pytest.fixture
def services(services):
    services.status_board, services.status_shelf = MemoryStatusBoard(), MemoryShelf()
    return services


def envelope(kind, detail):
    return json.dumps({"version": "0", "source": "aep-delivery", "detail-type": kind, "detail": detail})


def ended(services, config_text, *, name="nyc-flights", failure=None, config_key=None):
    """The message that tells of a delivery whose receipt lies in the work bucket."""
    now = services.clock.now()
    config = load_config(config_text.replace(b"nyc-flights", name.encode()), "crm.yaml")
    folder = f"deliveries/{config.delivery_id}/e-1"
    write_document(
        services.documents,
        config_key or f"{folder}/config.json",
        ConfigDocument(source="crm.yaml", positions={}, config=config.document()),
    )
    report = VerificationReport(
        verdict=Verdict.VERIFIED,
        reason="All of it is there.",
        location="s3://warehouse/exports",
        level=Level.CONTENT,
        started_at=now,
        finished_at=now,
        rows=336_776,
        bytes=1_000,
        file_count=3,
        comparisons=[],
        exports=[],
        findings=[],
    )
    schedule = AskedSchedule(
        export_mode="FIRST_FULL_THEN_INCREMENTAL",
        interval=3,
        time_unit="hour",
        start_time=now - timedelta(hours=6),
        end_time=now + timedelta(days=5),
    )
    receipt = Receipt(
        delivery=Delivery(id=config.delivery_id, name=config.name, sandbox=config.sandbox),
        request=Request(trigger="upload", execution="e-1", requested_at=now - timedelta(hours=7)),
        verdict="FAILED" if failure else Verdict.VERIFIED,
        reason=failure.message if failure else report.reason,
        finished_at=now,
        asked=None if failure else Asked(destination=AskedDestination(type="amazon-s3"), schedule=schedule),
        run=None if failure else RunOutcome(status=RunStatus.SUCCESS, flow_id="f", slot=now - timedelta(hours=3)),
        verification=None if failure else report,
        failure=failure,
    )
    services.documents.put(f"{folder}/receipt.json", receipt.to_json())
    event = event_for(
        receipt, receipt_uri=f"s3://work/{folder}/receipt.json", page_uri=f"s3://work/{folder}/receipt.html"
    )
    return envelope(event.detail_type, json.loads(event.body))


def written(services):
    return json.loads(services.status_shelf.kept[DOCUMENT])


def test_an_ended_delivery_is_on_the_page(services, config_text):
    draw_status([ended(services, config_text)], services)
    document = written(services)
    (one,) = document["deliveries"]
    assert (document["owner"], one["id"], one["destination"]) == ("stack", "prod/nyc-flights", "amazon-s3")
    assert (one["latest"]["verdict"], one["freshness"], one["needsAttention"]) == ("VERIFIED", "fresh", False)
    assert one["nextRun"] == "2026-03-01T12:00:00Z"
    assert one["endsSoon"] is True
    assert one["receipts"][0]["page"] == "deliveries/prod/nyc-flights/e-1/receipt.html"
    assert "../deliveries/prod/nyc-flights/e-1/receipt.html" in services.status_shelf.kept[PAGE]


def test_a_message_that_comes_twice_counts_once(services, config_text):
    message = ended(services, config_text)
    draw_status([message, message], services)
    draw_status([message], services)
    assert len(written(services)["deliveries"][0]["receipts"]) == 1


def test_a_failed_delivery_is_on_the_page(services, config_text):
    failure = UserError("No such dataset.", code="dataset.not-exportable").document()
    draw_status([ended(services, config_text, failure=failure)], services)
    (one,) = written(services)["deliveries"]
    assert (one["latest"]["verdict"], one["latest"]["reason"]) == ("FAILED", "No such dataset.")
    assert (one["freshness"], one["needsAttention"]) == ("unknown", True)


def test_what_the_watches_find_and_a_removal(services, config_text):
    draw_status([ended(services, config_text)], services)
    at = (services.clock.now() + timedelta(minutes=5)).isoformat()
    whose = {"deliveryId": "prod/nyc-flights", "reason": "It is disabled."}
    drift = envelope("Dataflow Drift Found", whose | {"detectedAt": at, "repaired": False})
    draw_status([drift, envelope("Delivery Late", whose | {"detectedAt": at})], services)
    (one,) = written(services)["deliveries"]
    assert [found["code"] for found in one["findings"]] == ["drift-found", "delivery-late"]
    assert (one["freshness"], one["needsAttention"]) == ("late", True)
    draw_status([envelope("Dataflow Drift Found", whose | {"detectedAt": at, "repaired": True})], services)
    assert [found["code"] for found in written(services)["deliveries"][0]["findings"]] == ["delivery-late"]
    draw_status([envelope("Delivery Removed", whose | {"finishedAt": at})], services)
    assert written(services)["deliveries"] == []
    assert [one["id"] for one in written(services)["removed"]] == ["prod/nyc-flights"]


def test_the_clock_has_the_page_drawn_anew(services):
    draw_status([CLOCK], services)
    first = written(services)["drawnAt"]
    services.clock.sleep(3600)
    draw_status([CLOCK], services)
    assert written(services)["drawnAt"] > first


@pytest.mark.parametrize(
    "broken",
    [
        "no json",
        "[]",
        "[" * 100_000,
        envelope(
            "Delivery Verified", {"deliveryId": "prod/x", "receipt": "s3://work/deliveries/prod/x/e/receipt.json"}
        ),
        envelope("Delivery Verified", {"deliveryId": "prod/x", "finishedAt": "yesterday"}),
        envelope("Delivery Failed", {"deliveryId": None}),
        envelope("Something Else", {"deliveryId": "prod/x"}),
    ],
)
def test_a_message_that_cannot_be_understood_hides_no_other(services, config_text, broken):
    draw_status([broken, ended(services, config_text)], services)
    assert [one["id"] for one in written(services)["deliveries"]] == ["prod/nyc-flights"]


def test_a_message_that_cannot_be_noted_now_comes_back_and_the_others_are_drawn(services, config_text):
    message = ended(services, config_text)
    other = ended(services, config_text, name="shop-orders")
    change = services.status_board.change

    def busy(delivery_id, rule, now):
        if delivery_id == "prod/nyc-flights":
            raise TransientError("DynamoDB asks for fewer requests.", code="state.throttled")
        change(delivery_id, rule, now)

    services.status_board.change = busy
    with pytest.raises(TransientError):
        draw_status([message, other], services)
    assert [one["id"] for one in written(services)["deliveries"]] == ["prod/shop-orders"]


def test_no_secret_of_a_config_reaches_the_page(services, config_text):
    text = config_text.replace(b"secret://warehouse", f"secret://{CANARY}".encode())
    draw_status([ended(services, text)], services)
    assert not [key for key, body in services.status_shelf.kept.items() if CANARY in body]


def test_a_run_that_was_only_verified_is_judged_by_what_was_applied(services, config_text):
    fence = services.fence(
        "prod/nyc-flights", "apply", services.store.acquire_lock("prod/nyc-flights", "apply", timedelta(hours=1)).token
    )
    applied = Applied(
        config_key="deliveries/prod/nyc-flights/apply/config.json",
        plan_key="plan.json",
        execution="apply",
        config_fingerprint="f",
        applied_at=services.clock.now(),
    )
    services.store.record_applied(fence, applied)
    at = (services.clock.now() - timedelta(minutes=5)).isoformat()
    whose = {"deliveryId": "prod/nyc-flights", "reason": "It is not as it should be.", "detectedAt": at}
    found = [envelope(kind, whose) for kind in ("Dataflow Drift Found", "Delivery Late")]
    draw_status([*found, ended(services, config_text, config_key=applied.config_key)], services)
    (one,) = written(services)["deliveries"]
    assert one["freshness"] == "fresh"
    # Files that are good are late no more; what is in Adobe is as it was.
    assert [finding["code"] for finding in one["findings"]] == ["drift-found"]


def test_a_run_of_a_delivery_that_was_removed_meanwhile_has_no_expectation(services, config_text):
    draw_status([ended(services, config_text, config_key="elsewhere.json")], services)
    (one,) = written(services)["deliveries"]
    assert (one["latest"]["verdict"], one["freshness"]) == ("VERIFIED", "unknown")
