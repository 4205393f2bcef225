from __future__ import annotations

from datetime import timedelta

import pytest

from aep_delivery.running.check import Look
from aep_delivery.running.models import AwaitedRun, RunOutcome, RunStatus, RunTrigger
from aep_delivery.runtime.metrics import collected
from aep_delivery.workflow.messages import CheckRun, DeliveryRef
from aep_delivery.workflow.steps import check_run as step
from tests.unit.workflow.conftest import NOW

FLOW = "flow-1"


def message(trigger, *, begun=False):
    return CheckRun(
        execution="e-1",
        delivery=DeliveryRef(delivery_id="prod/crm", config="config.json"),
        run=AwaitedRun(flow_id=FLOW, trigger=trigger, slot=NOW, deadline=NOW + timedelta(hours=4)),
        polls=0,
        begun=begun,
    )


def outcome(status, **figures):
    return RunOutcome(status=status, flow_id=FLOW, slot=NOW, run_ids=["run-1"], **figures)


@pytest.fixture
def check(services, monkeypatch):
    """Looks that show what a test says, and the events they lead to."""
    monkeypatch.setattr(services, "flow_service", lambda _: None)

    def act(look, asked):
        monkeypatch.setattr(step, "look_at_run", lambda *_, **__: look)
        services.publisher.events.clear()
        return step.check_run(asked, services), [event.detail for event in services.publisher.events]

    return act


def test_a_scheduled_run_begins_when_it_is_first_seen(check):
    waiting = Look(status=RunStatus.NO_RUN, wait_seconds=60)
    going = Look(status=RunStatus.RUNNING, wait_seconds=60, run_ids=["run-1"])
    progress, told = check(waiting, message(RunTrigger.SCHEDULED))
    assert (progress.begun, told) == (False, [])
    progress, (started,) = check(going, message(RunTrigger.SCHEDULED, begun=progress.begun))
    assert (progress.begun, started.DETAIL_TYPE, started.run_ids) == (True, "Run Started", ["run-1"])
    assert started.reason == "The scheduled run has begun for prod/crm."
    progress, told = check(going, message(RunTrigger.SCHEDULED, begun=progress.begun))
    assert (progress.begun, told) == (True, [])


def test_a_run_that_has_ended_before_it_was_seen_has_begun_too(check):
    look = Look(status=RunStatus.SUCCESS, run_ids=["run-1"], outcome=outcome(RunStatus.SUCCESS, records=7, bytes=9))
    _, told = check(look, message(RunTrigger.SCHEDULED))
    assert [detail.DETAIL_TYPE for detail in told] == ["Run Started", "Run Finished"]


def test_the_figures_of_an_ended_run_are_told_with_where_to_read_on(check, services):
    look = Look(
        status=RunStatus.PARTIAL, run_ids=["run-1"], outcome=outcome(RunStatus.PARTIAL, records=1234, failed_records=5)
    )
    progress, (finished,) = check(look, message(RunTrigger.NOW))
    assert (finished.status, finished.records, finished.failed_records, finished.files) == ("PARTIAL", 1234, 5, None)
    assert finished.reason == "The run for prod/crm has ended as PARTIAL: 1,234 records, says Adobe."
    assert finished.outcome == services.documents.uri(progress.outcome)
    assert (finished.trigger, finished.flow_id, finished.run_ids) == ("NOW", FLOW, ["run-1"])


@pytest.mark.parametrize("status", [RunStatus.SUCCESS, RunStatus.EMPTY, RunStatus.PARTIAL, RunStatus.FAILED])
def test_every_end_is_an_end(check, status):
    _, (finished,) = check(Look(status=status, run_ids=["run-1"], outcome=outcome(status)), message(RunTrigger.NOW))
    assert finished.status == status
    assert finished.reason == f"The run for prod/crm has ended as {status}."


def test_a_run_that_never_ended_has_not_finished(check):
    look = Look(status=RunStatus.NO_RUN, outcome=outcome(RunStatus.NO_RUN))
    progress, told = check(look, message(RunTrigger.NOW))
    assert (progress.finished, told) == (True, [])


@pytest.mark.parametrize(("ended", "expected"), [(None, ""), (RunStatus.FAILED, '"RunsEnded":[1.0]')])
def test_runs_are_counted_when_they_have_ended(check, capsys, ended, expected):
    look = Look(status=RunStatus.RUNNING, wait_seconds=60, run_ids=["run-1"])
    if ended:
        look = Look(status=ended, run_ids=["run-1"], outcome=outcome(ended))
    with collected():
        check(look, message(RunTrigger.NOW))
    out = capsys.readouterr().out
    assert expected in out
    assert bool(out) == bool(ended)
