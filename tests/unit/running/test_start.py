from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.adobe.errors import (
    AdobeInternalError,
    AdobeProblem,
    AdobeUserError,
    DatasetsNotReadyError,
    OutcomeUnknownError,
)
from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.models import AwaitedRun, RunTrigger
from aep_delivery.running.settling import SETTLING_TIME
from aep_delivery.running.start import AdHocRun, await_scheduled_audiences, await_scheduled_run
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.lock import Fence
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import RunKind
from tests.unit.running.runs import FakeRuns

NOW = datetime(2027, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
PROBLEM = AdobeProblem(shape="H", http_status=None, code=None, message="planted")
HOUR = timedelta(hours=1)
LOST = OutcomeUnknownError("lost", problem=PROBLEM)
NOT_READY = DatasetsNotReadyError("not ready", code="adobe.datasets-not-ready", problem=PROBLEM)


class Killed(BaseException):
    """The process is gone."""


class Bench:
    """One delivery with a journal, a clock and Adobe's runs."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.adobe = FakeRuns(self.clock)
        self.store = MemoryStateStore(self.clock)
        self.posts = 0
        self.before: list[BaseException | None] = []
        self.after: list[BaseException | None] = []

    def post(self) -> list[str]:
        if self.before and (error := self.before.pop(0)) is not None:
            raise error
        self.posts += 1
        run_id = f"run-{self.posts}"
        self.adobe.add(run_id, self.clock.now() + timedelta(milliseconds=5), None)
        if self.after and (error := self.after.pop(0)) is not None:
            raise error
        return [run_id]

    def start(
        self, execution: str = "one", post: Callable[[], list[str]] | None = None, audiences: Sequence[str] = ()
    ) -> AwaitedRun:
        token = self.store.acquire_lock("prod/planes", execution, timedelta(days=1)).token
        fence = Fence(delivery_id="prod/planes", owner=execution, token=token)
        run = AdHocRun(
            "flow",
            post=post or self.post,
            flow_service=self.adobe.service,
            store=self.store,
            fence=fence,
            clock=self.clock,
            audiences=audiences,
        )
        return run.start(HOUR)

    @property
    def pending(self) -> bool:
        entry = self.store.read_journal("prod/planes").get(RunKind.AD_HOC_RUN)
        return entry is not None and entry.intent is not None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_run_is_started_once_per_execution(bench: Bench) -> None:
    first = bench.start()
    bench.clock.sleep(60)
    again = bench.start()

    assert first == again
    assert (first.run_ids, first.trigger, bench.posts) == (["run-1"], RunTrigger.NOW, 1)
    assert first.deadline - first.slot == HOUR
    assert not bench.pending


def test_another_execution_starts_another_run(bench: Bench) -> None:
    bench.start("one")
    bench.store.release_lock("prod/planes", "one")

    assert bench.start("two").run_ids == ["run-2"]


@pytest.mark.parametrize(
    "refusal",
    [NOT_READY, AdobeUserError("out of schedule range", code="adobe.out-of-schedule", problem=PROBLEM)],
    ids=["not-ready", "refused"],
)
def test_refusal_leaves_no_intent(bench: Bench, refusal: Exception) -> None:
    bench.before = [refusal]
    with pytest.raises(type(refusal)):
        bench.start()
    assert not bench.pending

    assert bench.start().run_ids == ["run-1"]


@pytest.mark.parametrize(
    "lost",
    [LOST, AdobeInternalError("unreadable", code="adobe.answer-unreadable", problem=PROBLEM), Killed()],
    ids=["answer-lost", "answer-unreadable", "killed"],
)
def test_lost_answer_finds_its_run_and_starts_no_second(bench: Bench, lost: BaseException) -> None:
    bench.after = [lost]
    with pytest.raises(type(lost)):
        bench.start()
    assert bench.pending

    assert bench.start().run_ids == ["run-1"]
    assert bench.posts == 1
    assert not bench.pending


@pytest.mark.parametrize("lost", [LOST, Killed()], ids=["request-lost", "killed"])
def test_lost_request_is_made_again_once_it_can_no_longer_arrive(bench: Bench, lost: BaseException) -> None:
    bench.before = [lost]
    with pytest.raises(type(lost)):
        bench.start()

    bench.clock.sleep(5)
    with pytest.raises(TransientError) as caught:
        bench.start()
    assert caught.value.code == "adobe.outcome-unknown"
    assert caught.value.retry_after_seconds == pytest.approx(SETTLING_TIME.total_seconds() - 5)
    assert bench.posts == 0

    bench.clock.sleep(caught.value.retry_after_seconds or 0)
    assert bench.start().run_ids == ["run-1"]


def test_request_that_arrives_late_is_found(bench: Bench) -> None:
    bench.before = [LOST]
    with pytest.raises(OutcomeUnknownError):
        bench.start()
    bench.adobe.add("late", bench.clock.now() + timedelta(seconds=20), None)
    bench.clock.sleep(21)

    assert bench.start().run_ids == ["late"]
    assert bench.posts == 0


def test_pending_request_of_another_execution_is_settled_and_its_run_not_taken_for_ours(bench: Bench) -> None:
    bench.after = [Killed()]
    with pytest.raises(Killed):
        bench.start("one")
    bench.clock.sleep(2 * 86400)

    assert bench.start("two").run_ids == ["run-2"]
    assert not bench.pending


def test_run_right_before_the_request_is_not_taken_for_it(bench: Bench) -> None:
    # In the very second of the request: Adobe's Date header knows no fractions.
    bench.adobe.add("scheduled", NOW, "success")
    bench.after = [LOST]
    with pytest.raises(OutcomeUnknownError):
        bench.start()

    assert bench.start().run_ids == ["run-1"]


def test_scheduled_run_is_named_by_its_slot() -> None:
    clock = FixedClock(NOW)
    schedule = {
        "interval": 3,
        "timeUnit": "hour",
        "startTime": int((NOW - timedelta(hours=2)).timestamp()),
        "endTime": int((NOW + timedelta(days=9)).timestamp()),
    }

    awaited = await_scheduled_run("flow", schedule, FakeRuns(clock).service, HOUR)

    assert awaited.trigger is RunTrigger.SCHEDULED
    assert awaited.slot == datetime(2027, 1, 1, 13, tzinfo=UTC)
    assert awaited.next_slot == awaited.slot + timedelta(hours=3)
    assert awaited.deadline == awaited.slot + HOUR


@dataclass
class Audience:
    id: str
    schedule: dict[str, Any]


def test_scheduled_audiences_are_awaited_with_those_that_are_due(bench: Bench) -> None:
    daily = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2027-01-01", "endDate": "2027-02-01"}
    audiences = [
        Audience("a", {**daily, "startTime": "14:00"}),
        Audience("b", {**daily, "startTime": "13:00"}),
        Audience("c", {**daily, "startTime": "13:00"}),
    ]

    awaited = await_scheduled_audiences("flow", audiences, bench.adobe.service, 2 * HOUR)

    slot = datetime(2027, 1, 1, 13, tzinfo=UTC)
    assert awaited == AwaitedRun(
        flow_id="flow",
        trigger=RunTrigger.SCHEDULED,
        slot=slot,
        next_slot=slot + 24 * HOUR,
        next_of_any=slot + HOUR,
        deadline=slot + 2 * HOUR,
        audiences=["b", "c"],
    )


def test_after_segmentation_the_deadline_counts_from_the_end_of_the_day(bench: Bench) -> None:
    schedule = {
        "frequency": "DAILY",
        "triggerType": "AFTER_SEGMENT_EVAL",
        "startDate": "2027-01-01",
        "endDate": "2027-02-01",
    }

    awaited = await_scheduled_audiences("flow", [Audience("a", schedule)], bench.adobe.service, 2 * HOUR)

    assert (awaited.slot, awaited.slot_kind) == (datetime(2027, 1, 1, tzinfo=UTC), SlotKind.DAY)
    assert awaited.deadline == datetime(2027, 1, 2, 2, tzinfo=UTC)


def test_an_ad_hoc_run_says_of_which_audiences_it_is(bench: Bench) -> None:
    awaited = bench.start(audiences=["a", "b"])

    assert (awaited.run_ids, awaited.audiences) == (["run-1"], ["a", "b"])


def test_a_lost_answer_finds_the_runs_of_all_merge_policies(bench: Bench) -> None:
    def summary(audience: str) -> dict[str, Any]:
        return {"targetSummaries": [{"id": "t", "entitySummaries": [{"id": f"segment:{audience}"}]}]}

    def lost() -> list[str]:
        created = bench.clock.now() + timedelta(milliseconds=5)
        bench.adobe.add("one", created, "success", recordSummary=summary("a"))
        bench.adobe.add("two", created, None)
        bench.adobe.add("theirs", created, "success", recordSummary=summary("x"))
        raise LOST

    with pytest.raises(OutcomeUnknownError):
        bench.start(post=lost, audiences=["a", "b"])

    assert sorted(bench.start(audiences=["a", "b"]).run_ids) == ["one", "two"]
    assert bench.posts == 0


def test_a_lost_answer_beside_runs_of_others_is_waited_for(bench: Bench) -> None:
    def lost() -> list[str]:
        entity = {"targetSummaries": [{"id": "t", "entitySummaries": [{"id": "segment:x"}]}]}
        bench.adobe.add("theirs", bench.clock.now() + timedelta(milliseconds=5), "success", recordSummary=entity)
        raise LOST

    with pytest.raises(OutcomeUnknownError):
        bench.start(post=lost, audiences=["a"])
    with pytest.raises(TransientError):
        bench.start(audiences=["a"])
    bench.clock.sleep(SETTLING_TIME.total_seconds())

    assert bench.start(audiences=["a"]).run_ids == ["run-1"]
