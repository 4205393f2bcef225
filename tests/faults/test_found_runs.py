"""Runs that Adobe makes by itself are found, and each is verified by one execution."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.running.models import AwaitedRun, RunTrigger
from aep_delivery.runtime.errors import TransientError
from aep_delivery.workflow.messages import CheckRun, DeliveryRef
from aep_delivery.workflow.steps.check_run import check_run
from tests.faults.harness import Installation, config
from tests.faults.watching import (
    DELIVERY,
    HOUR,
    MINUTE,
    MOST,
    claim_of,
    find,
    found_ids,
    listen,
    load,
    looked,
    receipt,
    runs,
    travel,
    verify,
)

FIRST = datetime(2027, 1, 1, 2, tzinfo=UTC)
"""The first slot: a full hour, at least one away."""
EVERY = timedelta(hours=3)
DAY = timedelta(days=1)


def at(slot: int) -> datetime:
    """Twenty minutes after a slot: its run is over, and has been for long enough."""
    return FIRST + slot * EVERY + 20 * MINUTE


def test_nothing_is_looked_for_of_what_was_never_applied(stack: Installation) -> None:
    assert find(stack).skipped is not None


def test_a_run_of_the_schedule_is_found_when_it_is_over_and_verified_once(stack: Installation) -> None:
    told = listen(stack)
    stack.deliver()
    assert found_ids(stack) == []

    travel(stack, FIRST + MINUTE)
    assert found_ids(stack) == [], "files may trail a run"
    travel(stack, at(0))
    (found,) = find(stack).runs
    told.types()
    recorded = verify(stack, found)

    assert recorded is not None
    (run,) = runs(stack)
    assert found.run_id == run["id"]
    assert (claim_of(stack, run["id"]).verdict, claim_of(stack, run["id"]).attempt) == (recorded.verdict, 1)
    assert told.types() == ["Run Finished", "Delivery Mismatch Found"], "nothing is stored in these tests"
    kept = receipt(stack, recorded)
    assert kept["run"]["runIds"] == [run["id"]]
    assert datetime.fromisoformat(kept["run"]["slot"]) == FIRST
    assert {resource["action"] for resource in kept["resources"]} == {"KEEP"}
    assert len(kept["resources"]) == 4
    assert kept["request"]["trigger"] == "schedule"
    assert found_ids(stack) == []
    # The same run again, from a watch that looked at the same moment.
    assert stack.services.store.run_claim(DELIVERY, run["id"]) == claim_of(stack, run["id"])


def test_of_two_executions_one_verifies_a_run(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    (found,) = find(stack).runs
    name, first = load(stack, found)
    later = found.model_copy(update={"attempt": 2})

    _, second = load(stack, later)

    assert first.skipped is None
    assert second.skipped is not None
    assert name in second.skipped
    # And whoever was first may be repeated.
    assert load(stack, found)[1].run == first.run
    assert found_ids(stack) == [], "while somebody is at it, it is not found"


def test_after_an_outage_the_oldest_runs_come_first_and_none_is_lost(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(6))
    everything = [run["id"] for run in runs(stack)]
    assert len(everything) == 7

    verified: list[str] = []
    while found := find(stack):
        assert found.waiting == len(everything) - len(verified)
        assert len(found.runs) <= MOST
        if not found.runs:
            break
        for run in found.runs:
            assert verify(stack, run) is not None
            verified.append(run.run_id)

    assert verified == everything


def test_a_run_is_judged_against_its_own_slot(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(1))

    slots = [load(stack, found)[1].run for found in find(stack).runs]

    assert [run.slot for run in slots if run] == [FIRST, FIRST + EVERY]


def test_a_run_by_hand_between_two_slots_is_verified_by_its_own_time(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    travel(stack, FIRST + HOUR)
    execution = stack.execution()
    execution.deliver()
    travel(stack, FIRST + HOUR + 20 * MINUTE)

    by_schedule, by_hand = (load(stack, found)[1].run for found in find(stack).runs)

    assert by_schedule is not None
    assert by_hand is not None
    assert by_schedule.slot == FIRST
    assert by_hand.slot >= FIRST + HOUR


def test_a_run_that_is_still_going_waits_for_a_week_at_the_most(stack: Installation) -> None:
    stack.deliver()
    stack.adobe.control("POST", "run-faults", {"outcome": "stall"})
    travel(stack, at(1))
    first, *_ = runs(stack)

    assert first["id"] not in found_ids(stack)
    travel(stack, FIRST + 7 * DAY + HOUR)

    assert first["id"] in {found.run_id for found in find(stack).runs}, "a week later it is judged as it stands"
    stack.adobe.control("DELETE", "run-faults")


def test_a_run_that_failed_at_adobe_has_a_receipt_and_an_event(stack: Installation) -> None:
    told = listen(stack)
    stack.deliver()
    stack.adobe.control("POST", "run-faults", {"outcome": "fail"})
    travel(stack, at(0))
    told.types()

    (found,) = find(stack).runs
    recorded = verify(stack, found)

    assert recorded is not None
    assert (recorded.verdict, recorded.good) == ("RUN_FAILED", False)
    assert told.types() == ["Run Finished", "Delivery Failed"]
    assert found_ids(stack) == []


def awaited(stack: Installation, name: str) -> CheckRun:
    """What an execution of ``deliver`` asks that awaits the run of the first slot."""
    flow = stack.adobe.only("flows")["id"]
    run = AwaitedRun(
        flow_id=flow, trigger=RunTrigger.SCHEDULED, slot=FIRST, next_slot=FIRST + EVERY, deadline=FIRST + 4 * HOUR
    )
    return CheckRun(execution=name, delivery=DeliveryRef(delivery_id=DELIVERY, config="-"), run=run, polls=3)


def test_a_run_that_a_delivery_awaits_is_left_to_it(stack: Installation) -> None:
    listen(stack)
    stack.deliver()
    travel(stack, at(0))

    progress = check_run(awaited(stack, "deliver-1"), stack.services)

    assert (progress.finished, progress.recorded) == (True, None)
    assert found_ids(stack) == []


def test_a_delivery_that_comes_second_takes_the_verdict_of_the_first(stack: Installation) -> None:
    told = listen(stack)
    stack.deliver()
    travel(stack, at(0))
    (found,) = find(stack).runs
    name, task = load(stack, found)
    assert looked(stack, name, task).finished

    waiting = check_run(awaited(stack, "deliver-1"), stack.services)
    recorded = verify(stack, found)
    told.types()
    ended = check_run(awaited(stack, "deliver-1"), stack.services)

    assert (waiting.finished, waiting.recorded, waiting.wait_seconds) == (False, None, 300)
    assert (ended.finished, ended.recorded) == (True, recorded)
    assert told.types() == [], "the other has told"
    kept = stack.services.documents.kept
    for document in ("receipt.json", "receipt.html"):
        assert kept[f"deliveries/{DELIVERY}/deliver-1/{document}"] == kept[f"deliveries/{DELIVERY}/{name}/{document}"]


def test_a_delivery_whose_run_is_not_over_at_its_deadline_leaves_it_to_be_verified_later(stack: Installation) -> None:
    listen(stack)
    stack.deliver()
    stack.adobe.control("POST", "run-faults", {"outcome": "stall"})
    travel(stack, FIRST + 5 * HOUR)

    progress = check_run(awaited(stack, "deliver-1"), stack.services)

    assert progress.status == "NO_RUN"
    assert stack.services.store.run_claim(DELIVERY, runs(stack)[0]["id"]) is None
    stack.adobe.control("DELETE", "run-faults")


def test_what_failed_is_tried_again_a_day_later_and_three_times_in_all(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    run_id = runs(stack)[0]["id"]
    attempts = []
    for day in range(4):
        travel(stack, at(0) + day * (DAY + HOUR))
        mine = [found for found in find(stack).runs if found.run_id == run_id]
        attempts += [found.attempt for found in mine]
        for found in mine:
            assert load(stack, found)[1].skipped is None

    assert attempts == [1, 2, 3]


def test_a_delivery_that_was_removed_in_between_is_no_failure(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    (found,) = find(stack).runs
    store = stack.services.store
    lock = store.acquire_lock(DELIVERY, "removal", HOUR)
    for kind in list(store.read_journal(DELIVERY)):
        store.forget(lock, kind)
    store.forget_delivery(lock)

    assert load(stack, found)[1].skipped is not None
    assert find(stack).skipped is not None


def test_a_run_that_is_gone_is_believed_to_be_only_after_a_while(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    (found,) = find(stack).runs
    del stack.adobe.emulator.world.sandboxes["prod"].runs[found.run_id]

    with pytest.raises(TransientError) as caught:
        load(stack, found)
    stack.adobe.clock.sleep(caught.value.retry_after_seconds or 0)

    assert caught.value.code == "run.not-found-yet"
    assert load(stack, found)[1].skipped == "Adobe has it no more."


def test_a_run_of_another_dataflow_is_not_verified(stack: Installation) -> None:
    stack.deliver()
    travel(stack, at(0))
    (found,) = find(stack).runs
    run = stack.adobe.emulator.world.sandboxes["prod"].runs[found.run_id]
    run.flow_id = "another"

    _, task = load(stack, found)

    assert task.skipped is not None
    assert "dataflow" in task.skipped


def test_a_run_is_judged_by_the_config_that_was_applied_when_it_was_made(stack: Installation) -> None:
    stack.deliver()
    find(stack)
    before = stack.services.store.applied(DELIVERY)
    travel(stack, FIRST + HOUR)
    stack.deliver(config(destination={"path": "elsewhere"}))
    after = stack.services.store.applied(DELIVERY)
    travel(stack, at(1))

    tasks = [load(stack, found)[1].delivery for found in find(stack).runs]

    assert before is not None
    assert after is not None
    assert [task.config for task in tasks if task] == [before.config_key, after.config_key]


def test_what_was_applied_again_without_a_change_is_one_and_the_same(stack: Installation) -> None:
    stack.deliver()
    find(stack)
    travel(stack, at(0))
    stack.deliver()

    assert len(found_ids(stack)) == 1, "a run before the second apply is not lost"
    cursor = stack.services.store.run_cursor(DELIVERY)
    assert cursor is not None
    assert len(cursor.applied) == 1


@pytest.mark.parametrize("days", [15, 40])
def test_runs_are_not_looked_for_further_back_than_claims_are_kept(stack: Installation, days: int) -> None:
    stack.deliver()
    travel(stack, FIRST + MINUTE)
    (first,) = runs(stack)
    travel(stack, FIRST + days * DAY)

    assert first["id"] not in found_ids(stack)
    assert found_ids(stack) != []
