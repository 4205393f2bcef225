from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.runtime.errors import InternalError
from aep_delivery.runtime.metrics import collected
from aep_delivery.workflow.steps.start_verifications import start_verifications, verification_name
from aep_delivery.workflow.watch_messages import FoundRun, FoundRuns, StartVerifications

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def run(number: int, *, attempt: int = 1) -> FoundRun:
    return FoundRun(run_id=f"run-{number}", created_at=NOON + timedelta(minutes=number), attempt=attempt)


def found(delivery: str, *numbers: int, waiting: int | None = None) -> FoundRuns:
    runs = [run(number) for number in numbers]
    return FoundRuns(delivery_id=delivery, runs=runs, waiting=len(runs) if waiting is None else waiting)


@pytest.fixture
def account(services, aws_account):
    """Services with a state machine, and room for three."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    client = aws_account("stepfunctions")
    arn = client.create_state_machine(
        name="verify-run", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    services.settings = services.settings.model_copy(
        update={"verify_run_state_machine": arn, "verifications_at_a_time": 3}
    )
    services.client = client
    return services


def tick(services, *of):
    return start_verifications(StartVerifications(execution="tick", found=list(of)), services)


def inputs(services):
    """What was started, the first first."""
    listed = services.client.list_executions(stateMachineArn=services.settings.verify_run_state_machine)["executions"]
    described = [services.client.describe_execution(executionArn=one["executionArn"]) for one in listed]
    return sorted((json.loads(one["input"]) for one in described), key=lambda one: one["runId"])


def test_the_oldest_runs_of_all_deliveries_are_started_and_the_rest_waits(account):
    answer = tick(account, found("prod/aa", 2, 5, 6), found("prod/bb", 1, 3, 7, waiting=40))

    assert [(one["deliveryId"], one["runId"]) for one in inputs(account)] == [
        ("prod/bb", "run-1"),
        ("prod/aa", "run-2"),
        ("prod/bb", "run-3"),
    ]
    assert (answer.started, answer.waiting) == (3, 40)


def test_what_is_running_takes_its_room(account):
    tick(account, found("prod/aa", 1, 2))
    # Executions of moto's go on until they are stopped.
    answer = tick(account, found("prod/aa", 3, 4))

    assert (answer.started, answer.waiting) == (1, 1)
    assert [one["runId"] for one in inputs(account)] == ["run-1", "run-2", "run-3"]


def test_two_watches_at_the_same_moment_start_one_execution_of_a_run(account):
    for _ in range(2):
        tick(account, found("prod/aa", 1))
    # Step Functions answers a repetition as the first call while the execution goes on, and refuses it afterwards.
    arn = account.client.list_executions(stateMachineArn=account.settings.verify_run_state_machine)["executions"][0]
    account.client.stop_execution(executionArn=arn["executionArn"])

    assert tick(account, found("prod/aa", 1)).started == 0
    assert len(inputs(account)) == 1


def test_what_was_started_before_takes_nobodys_place(account):
    tick(account, found("prod/aa", 1, 2))

    assert tick(account, found("prod/aa", 1, 2, 3)).started == 1


def test_nothing_found_asks_nobody(services, aws_account):
    del aws_account
    assert tick(services).started == 0


def test_a_refusal_is_no_success(services, aws_account):
    del aws_account
    services.settings = services.settings.model_copy(
        update={"verify_run_state_machine": "arn:aws:states:us-east-1:123456789012:stateMachine:none"}
    )
    with pytest.raises(InternalError):
        tick(services, found("prod/aa", 1))


def test_the_name_tells_runs_attempts_and_deliveries_apart():
    names = {
        verification_name("prod/aa", run(1)),
        verification_name("prod/aa", run(2)),
        verification_name("prod/aa", run(1, attempt=2)),
        verification_name("dev/aa", run(1)),
    }
    assert len(names) == 4
    assert verification_name("prod/aa", run(1)) in names
    assert all(len(name) <= 80 and name.startswith("run-") for name in names)
    assert len(verification_name("p" * 200 + "/a", run(1))) <= 80


def test_the_figures_are_written_for_cloudwatch(account, capsys):
    with collected():
        tick(account, found("prod/aa", 1, 2, waiting=9))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [(line["VerificationsStarted"], line["RunsWaiting"]) for line in lines] == [([2.0], [7.0])]
