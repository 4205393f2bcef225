"""What is late, ends, is switched off or expires is told once, and again only when it is another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.events.watches import CredentialExpiring, DataflowDisabled, DeliveryLate, ScheduleEnding
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.watching import Announcements, Freshness
from tests.faults.harness import CONFIG, Installation, config
from tests.faults.watching import DELIVERY, HOUR, MINUTE, Told, find, listen, runs, travel, verify, watch

FIRST = datetime(2027, 1, 1, 2, tzinfo=UTC)
EVERY = timedelta(hours=3)
TOLERANCE = timedelta(minutes=240)
DAY = timedelta(days=1)
SECRET = {"s3AccessKey": "AKIAIOSFODNN7EXAMPLE", "s3SecretKey": "Aa" * 20}


@pytest.fixture
def told(stack: Installation) -> Told:
    told = listen(stack)
    stack.deliver()
    told.types()
    return told


def standing(stack: Installation) -> Freshness:
    freshness = stack.services.store.freshness(DELIVERY)
    assert freshness is not None
    return freshness


def set_state(stack: Installation, state: str) -> None:
    body = {"sandbox": "prod", "kind": "flows", "id": stack.adobe.only("flows")["id"], "state": state}
    stack.adobe.control("POST", "entities/edit", body)


def without_runs(stack: Installation, to: datetime) -> None:
    """Adobe's scheduler sleeps until then."""
    set_state(stack, "disabled")
    travel(stack, to)
    set_state(stack, "enabled")


def test_a_delivery_that_comes_when_it_should_is_nothing_to_tell(stack: Installation, told: Told) -> None:
    for moment in (FIRST - HOUR, FIRST + 20 * MINUTE, FIRST + 2 * EVERY + 20 * MINUTE):
        travel(stack, moment)
        assert watch(stack).findings == []

    assert told.types() == []
    now = standing(stack)
    assert now.served.keys() == {"*"}
    assert now.last_run_at is not None
    assert FIRST + 2 * EVERY <= now.last_run_at < FIRST + 2 * EVERY + MINUTE
    assert now.due_at == FIRST + 3 * EVERY + TOLERANCE


def test_a_late_delivery_is_told_once_and_seen_to_come_back(stack: Installation, told: Told) -> None:
    travel(stack, FIRST + 20 * MINUTE)
    watch(stack)
    missed = FIRST + EVERY
    without_runs(stack, missed + TOLERANCE - MINUTE)
    assert watch(stack).findings == []

    without_runs(stack, missed + TOLERANCE + MINUTE)
    assert watch(stack).findings == ["delivery-late"]
    (event,) = told.events
    detail = event.detail
    assert isinstance(detail, DeliveryLate)
    assert (detail.slot, detail.due_at) == (missed, missed + TOLERANCE)
    assert (detail.late_seconds, detail.tolerance_minutes, detail.run_ids) == (60, 240, [])
    assert "Adobe has made no run since" in detail.reason
    told.types()
    # A slot more that is missed is no other finding.
    without_runs(stack, missed + TOLERANCE + EVERY)
    assert watch(stack).findings == ["delivery-late"]
    assert told.types() == []

    travel(stack, FIRST + 5 * EVERY + 20 * MINUTE)
    assert watch(stack).findings == []
    assert standing(stack).findings == ()
    assert stack.services.store.announcements(DELIVERY).told == {}


def test_what_does_not_pass_is_told_again_after_some_days(stack: Installation, told: Told) -> None:
    without_runs(stack, FIRST + TOLERANCE + MINUTE)
    heard = []
    for day in range(15):
        without_runs(stack, FIRST + TOLERANCE + MINUTE + day * DAY)
        watch(stack)
        heard += [day] * len(told.types())

    assert heard == [0, 7, 14]


def test_runs_that_did_not_end_well_do_not_make_a_delivery_fresh(stack: Installation, told: Told) -> None:
    stack.adobe.control("POST", "run-faults", {"outcome": "fail", "times": 2})
    travel(stack, FIRST + TOLERANCE + MINUTE)
    watch(stack)

    (event,) = told.events
    assert isinstance(event.detail, DeliveryLate)
    assert len(event.detail.run_ids) == 2


def test_a_run_whose_files_were_found_wanting_does_not_make_a_delivery_fresh(stack: Installation, told: Told) -> None:
    travel(stack, FIRST + 20 * MINUTE)
    (found,) = find(stack).runs
    recorded = verify(stack, found)
    assert recorded is not None
    assert not recorded.good
    without_runs(stack, FIRST + TOLERANCE + MINUTE)

    assert watch(stack).findings == ["delivery-late"]


def test_a_disabled_dataflow_is_told_once_and_not_called_late(stack: Installation, told: Told) -> None:
    set_state(stack, "disabled")
    travel(stack, FIRST + 10 * EVERY)

    assert watch(stack).findings == ["dataflow-disabled"]
    assert watch(stack).findings == ["dataflow-disabled"]

    (event,) = told.events
    assert isinstance(event.detail, DataflowDisabled)
    assert event.detail.changed_by == "a.person@example.com"
    assert event.detail.changed_at is not None
    set_state(stack, "enabled")
    assert "dataflow-disabled" not in watch(stack).findings


def test_a_dataflow_that_is_gone_is_told_as_disabled(stack: Installation, told: Told) -> None:
    stack.adobe.delete("flows", stack.adobe.only("flows")["id"])

    assert watch(stack).findings == ["dataflow-disabled"]
    assert "no more in Adobe" in told.events[0].detail.reason


def test_a_schedule_that_ends_is_told_some_days_before_and_once_more_when_it_has(stack: Installation) -> None:
    told = listen(stack)
    ends = FIRST + 30 * DAY
    stack.deliver(config(scheduleParams={"endTime": ends.isoformat()}))
    told.types()
    heard = []
    for day in (1, 15, 16, 17, 31, 32):
        travel(stack, FIRST + day * DAY + HOUR)
        watch(stack)
        details = [event.detail for event in told.events]
        told.types()
        heard += [(day, one.code, one.days_left) for one in details if isinstance(one, ScheduleEnding)]

    assert heard == [(16, "schedule-ending", 13), (31, "schedule-ended", 0)]
    assert standing(stack).ends_at == ends


def test_the_end_that_counts_is_the_one_in_adobe(stack: Installation, told: Told) -> None:
    flow = stack.adobe.only("flows")["id"]
    ends = int((FIRST + 3 * DAY).timestamp())
    stack.adobe.edit("flows", flow, {"op": "replace", "path": "/scheduleParams/endTime", "value": ends})

    assert watch(stack).findings == ["schedule-ending"]


def test_a_delivery_that_runs_once_has_no_end_to_tell_of(stack: Installation) -> None:
    told = listen(stack)
    once = {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"}
    stack.deliver({**CONFIG, "scheduleParams": once})
    told.types()
    travel(stack, FIRST + 170 * DAY)

    assert watch(stack).findings == []
    assert standing(stack).due_at is None


EXPIRING: dict[str, tuple[str, dict[str, Any], str]] = {
    "of the destination": ("planes-destination", {**SECRET, "expiresAt": "2027-01-10"}, "credential"),
    "a signature": ("planes-destination", {"sas": "?sv=2022&se=2027-01-10T00%3A00%3A00Z&sig=Canary"}, "SAS token"),
    "in a connection string": (
        "planes-destination",
        {"connectionString": "BlobEndpoint=https://a;SharedAccessSignature=sv=2022&se=2027-01-10&sig=Canary"},
        "SAS token",
    ),
}


@pytest.mark.parametrize(("name", "value", "credential"), EXPIRING.values(), ids=EXPIRING)
def test_a_credential_that_expires_is_told_once_for_all_that_use_it(
    stack: Installation, told: Told, name: str, value: dict[str, Any], credential: str
) -> None:
    stack.services.secrets.put(name, json.dumps(value))

    assert watch(stack).findings == ["credential-expiring"]
    assert watch(stack).findings == ["credential-expiring"]

    (event,) = told.events
    detail = event.detail
    assert isinstance(detail, CredentialExpiring)
    assert (detail.secret, detail.credential, detail.days_left) == (name, credential, 8)
    assert detail.deliveries == [DELIVERY]
    assert "Canary" not in event.body
    assert "Aa" not in event.body
    stack.services.secrets.put(name, json.dumps(SECRET))
    assert watch(stack).findings == []
    assert stack.services.store.announcements(f"~{name}").told == {}


def test_adobes_own_credential_is_nobodys_alone(stack: Installation, told: Told) -> None:
    known = json.loads(stack.services.secrets.get("adobe").text.get_secret_value())
    stack.services.secrets.put("adobe", json.dumps({**known, "expiresAt": "2026-12-31T00:00:00+00:00"}))

    assert watch(stack).findings == ["credential-expired"]

    (event,) = told.events
    assert isinstance(event.detail, CredentialExpiring)
    assert (event.detail.delivery_id, event.detail.deliveries) == (None, [])


def test_a_secret_that_does_not_say_when_it_expires_is_refused(stack: Installation, told: Told) -> None:
    stack.services.secrets.put("planes-destination", json.dumps({**SECRET, "expiresAt": "in June"}))

    with pytest.raises(UserError) as caught:
        watch(stack)
    assert caught.value.code == "secret.expiry-invalid"


def test_a_secret_with_an_expiry_is_good_for_a_delivery(stack: Installation) -> None:
    stack.services.secrets.put("planes-destination", json.dumps({**SECRET, "expiresAt": "2027-06-30"}))

    stack.deliver()

    assert "expiresAt" not in json.dumps(stack.adobe.requests())


def test_two_watches_at_the_same_moment_tell_once(stack: Installation, told: Told) -> None:
    set_state(stack, "disabled")
    store = stack.services.store
    publish = told.publish

    def meanwhile_another_looks(event: Any) -> None:
        told.publish = publish  # type: ignore[method-assign]
        assert watch(stack, "other").told == 0
        publish(event)

    told.publish = meanwhile_another_looks  # type: ignore[method-assign]
    assert watch(stack).told == 1
    assert told.types() == ["Dataflow Disabled"]
    assert store.announcements(DELIVERY).telling_since is None


def test_of_a_watch_that_was_killed_the_next_tells_what_it_had_to(stack: Installation, told: Told) -> None:
    set_state(stack, "disabled")
    now = stack.services.clock.now()
    stack.services.store.write_announcements(DELIVERY, Announcements(telling_since=now))

    assert watch(stack).told == 0
    travel(stack, now + 16 * MINUTE)
    assert watch(stack).told == 1


def test_a_busy_event_bus_loses_no_finding(stack: Installation, told: Told) -> None:
    set_state(stack, "disabled")
    publish = told.publish

    def busy(event: Any) -> None:
        raise TransientError("Busy.", code="event.not-published")

    told.publish = busy  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        watch(stack)
    told.publish = publish  # type: ignore[method-assign]
    travel(stack, stack.services.clock.now() + 16 * MINUTE)

    assert watch(stack).told == 1


def test_another_schedule_is_late_by_its_own_slots(stack: Installation, told: Told) -> None:
    travel(stack, FIRST + 20 * MINUTE)
    watch(stack)
    without_runs(stack, FIRST + 2 * HOUR)
    stack.deliver(config(scheduleParams={"interval": 12}, allow=["schedule-change"]))
    without_runs(stack, FIRST + EVERY + TOLERANCE + MINUTE)

    assert watch(stack).findings == []
    assert runs(stack) != []
