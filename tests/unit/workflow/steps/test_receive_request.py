from __future__ import annotations

import json
from pathlib import Path

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.steps.receive_request import receive_request

EVENTS = Path(__file__).parents[4] / "events"
DEFINITION = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})


@pytest.fixture
def machine(aws_account, services):
    role = aws_account("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    states = aws_account("stepfunctions")
    arn = states.create_state_machine(name="deliver", definition=DEFINITION, roleArn=role)["stateMachineArn"]
    services.settings = services.settings.model_copy(update={"deliver_state_machine": arn})
    return lambda: states.list_executions(stateMachineArn=arn)["executions"]


def test_the_same_event_starts_one_execution(machine, services):
    body = (EVENTS / "s3-object-created.json").read_text()
    first = receive_request(body, 0, services)
    assert receive_request(body, 0, services) == first
    assert [execution["name"] for execution in machine()] == first


def test_a_schedule_over_a_prefix_starts_every_config_under_it(machine, services, aws_account):
    s3 = aws_account("s3")
    s3.create_bucket(Bucket="configs")
    for key in ("deliveries/a.yaml", "deliveries/b.json", "deliveries/readme.txt", "other/c.yaml"):
        s3.put_object(Bucket="configs", Key=key, Body=b"-")
    event = {
        "source": "aep-delivery.schedule",
        "detail-type": "Delivery Scheduled",
        "time": "2026-03-01T12:00:00Z",
        "detail": {"bucket": "configs", "keys": "deliveries/"},
    }
    names = receive_request(json.dumps(event), 0, services)
    assert sorted(name.rpartition("-")[0] for name in names) == ["a", "b"]
    assert len(machine()) == 2
    # The next tick is another occasion, the same tick once more is not.
    assert receive_request(json.dumps(event), 0, services) == names
    later = receive_request(json.dumps(event | {"time": "2026-03-02T12:00:00Z"}), 0, services)
    assert not set(later) & set(names)


def test_a_tick_whose_time_nobody_filled_in_counts_by_when_it_was_sent(machine, services):
    event = {
        "source": "aep-delivery.schedule",
        "detail-type": "Delivery Scheduled",
        "time": "<aws.scheduler.scheduled-time>",
        "detail": {"bucket": "configs", "keys": "deliveries/a.yaml"},
    }
    first = receive_request(json.dumps(event), 1_767_225_600_000, services)
    second = receive_request(json.dumps(event), 1_767_229_200_000, services)
    assert first != second
    assert len(machine()) == 2


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"source": "x", "detail-type": "y"}'])
def test_a_message_nobody_understands_starts_nothing(machine, services, body):
    with pytest.raises(UserError) as caught:
        receive_request(body, 0, services)
    assert caught.value.code == "event.not-understood"
    assert machine() == []


@pytest.mark.parametrize("body", ["[" * 100_000, '{"time": ' + "[" * 900 + "]" * 900 + "}"])
def test_a_message_of_nothing_but_depth_starts_nothing(machine, services, body):
    with pytest.raises(UserError) as caught:
        receive_request(body, 0, services)
    assert caught.value.code == "event.not-understood"
