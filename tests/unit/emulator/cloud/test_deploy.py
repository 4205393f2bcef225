from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from emulator.cloud.deploy import deploy
from emulator.cloud.engine import Cloud
from emulator.cloud.package import ARTIFACTS


class ScriptedCloud:
    """A cloud whose stack goes through the given states."""

    endpoint = "http://127.0.0.1:1"
    folder = Path("nowhere")

    def __init__(self, *states: str) -> None:
        self._states = list(states)
        self.created: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}
        self.outputs: dict[str, str] = {}

    def client(self, service: str) -> ScriptedCloud:
        return self

    def create_bucket(self, **named: str) -> None:
        assert named == {"Bucket": ARTIFACTS}

    def put_object(self, **named: Any) -> None:
        self.objects[named["Key"]] = named["Body"]

    def create_stack(self, **named: Any) -> None:
        self.created = named

    def describe_stacks(self, **named: str) -> dict[str, Any]:
        outputs = [{"OutputKey": "QueueUrl", "OutputValue": "http://queue"}]
        return {"Stacks": [{"StackStatus": self._states.pop(0), "Outputs": outputs}]}

    def describe_stack_events(self, **named: str) -> dict[str, Any]:
        reasons = {"Machine": ("CREATE_FAILED", "no such role"), "Queue": ("CREATE_COMPLETE", None)}
        return {
            "StackEvents": [
                {"LogicalResourceId": name, "ResourceStatus": status, "ResourceStatusReason": why}
                for name, (status, why) in reasons.items()
            ]
        }


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.cloud.deploy.time.sleep", lambda _: None)


def test_it_waits_for_the_stack_and_returns_its_outputs(template: Path) -> None:
    cloud = ScriptedCloud("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert deploy(cast("Cloud", cloud), template, "s", {"LogLevel": "DEBUG"}) == {"QueueUrl": "http://queue"}
    assert cloud.outputs == {"QueueUrl": "http://queue"}
    assert cloud.created["TemplateURL"] == f"http://127.0.0.1:1/{ARTIFACTS}/template.json"
    assert cloud.created["Parameters"] == [{"ParameterKey": "LogLevel", "ParameterValue": "DEBUG"}]
    assert json.loads(cloud.objects["template.json"])["Resources"]["Queue"] == {"Type": "AWS::SQS::Queue"}


@pytest.mark.parametrize("end", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_a_stack_that_fails_says_which_resource_and_why(template: Path, end: str) -> None:
    cloud = ScriptedCloud("CREATE_IN_PROGRESS", end)
    with pytest.raises(RuntimeError, match=r"^Machine: no such role$"):
        deploy(cast("Cloud", cloud), template, "s")
