from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from aep_delivery.cli import remote
from aep_delivery.config.load import load_config
from aep_delivery.events.inbound import execution_name, parse_inbound
from aep_delivery.runtime.errors import ErrorDocument
from aep_delivery.verification.receipt.models import Delivery, Receipt, Request
from tests.faults.harness import START

EVENT_ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"


class Aws:
    """S3, EventBridge and Step Functions, as far as `run` talks to them."""

    def __init__(self) -> None:
        self.puts, self.events, self.history, self.statuses = [], [], [], []
        self.event_answer = {"EventId": EVENT_ID}

    def put_object(self, **put):
        self.puts.append(put)
        return {"VersionId": "v1"}

    def put_events(self, Entries):  # noqa: N803 - boto3's
        self.events += Entries
        return {"Entries": [self.event_answer]}

    def describe_execution(self, **asked):
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise ClientError({"Error": {"Code": "ExecutionDoesNotExist"}}, "DescribeExecution")
        return {"status": status, "error": "E", "cause": "C"} if status == "ABORTED" else {"status": status}

    def get_paginator(self, name):
        return SimpleNamespace(paginate=lambda **_: [{"events": self.history[::-1]}])

    def enters(self, *names):
        for name in names:
            number = len(self.history) + 1
            details = {"stateEnteredEventDetails": {"name": name}}
            self.history.append({"id": number, "type": "TaskStateEntered", **details})


@pytest.fixture
def aws(monkeypatch):
    aws = Aws()
    monkeypatch.setattr(remote, "aws_client", lambda service: aws)
    return aws


def expected_execution(aws) -> str:
    """The name that the installation will give to the execution of the event that was sent."""
    return execution_name(_request(aws))


def _request(aws):
    (entry,) = aws.events
    event = {
        "id": EVENT_ID,
        "source": entry["Source"],
        "detail-type": entry["DetailType"],
        "time": datetime.now(UTC),
        "detail": json.loads(entry["Detail"]),
    }
    (request,) = parse_inbound(event)
    assert request.trigger == "cli"
    return request


def keep_receipt(offline, execution, verdict, failure=None):
    receipt = Receipt(
        delivery=Delivery(id="prod/planes", name="planes", sandbox="prod"),
        request=Request(bucket="configs", key="k", trigger="cli", execution=execution, requested_at=START),
        verdict=verdict,
        reason="Because.",
        finished_at=START + timedelta(minutes=1),
        failure=failure,
    )
    offline.services.documents.put(f"deliveries/prod/planes/{execution}/receipt.json", receipt.to_json())


def test_the_execution_is_known_by_name_before_it_starts(offline, aws, config_file):
    path = config_file()
    code, document = offline.json("run", path)
    assert code == 0
    assert document["execution"] == expected_execution(aws)
    assert document["executionArn"] == (
        f"arn:aws:states:us-east-1:123456789012:execution:deliver:{document['execution']}"
    )
    (put,) = aws.puts
    assert (put["Bucket"], put["Key"], put["Body"]) == ("configs", "cli/planes.yaml", path.read_bytes())


def test_the_upload_itself_starts_nothing_whatever_the_stacks_prefix(offline, aws, config_file):
    offline.connection.parameters["ConfigPrefix"] = "cli/"
    offline("run", config_file())
    assert aws.puts[0]["Key"] == "cli-once/planes.yaml"


@pytest.mark.parametrize("trigger", ["SCHEDULED", "NOW"])
def test_now_is_said_beside_the_config_which_keeps_its_lines(offline, aws, config_file, trigger):
    path = config_file(run={"trigger": trigger})
    assert offline("run", path, "--now").exit_code == 0
    assert aws.puts[0]["Body"] == path.read_bytes()
    assert _request(aws).run_trigger == "NOW"


def test_without_now_the_config_decides(offline, aws, config_file):
    assert offline("run", config_file()).exit_code == 0
    assert _request(aws).run_trigger is None


def test_a_config_that_extends_another_is_sent_whole(offline, aws, config_file, tmp_path):
    config_file("base.yaml")
    (tmp_path / "dev.yaml").write_text("extends: base.yaml\nsandbox: dev\n")
    assert offline("run", tmp_path / "dev.yaml").exit_code == 0
    assert load_config(aws.puts[0]["Body"], "dev.yaml").delivery_id == "dev/planes"


def test_a_mistake_is_found_before_anything_is_sent(offline, aws, config_file):
    assert offline("run", config_file(version=2)).exit_code == 1
    assert aws.puts == aws.events == []


def test_a_name_the_installation_would_ignore_is_refused(offline, aws, config_file):
    assert offline.json("run", config_file("planes.txt"))[1]["code"] == "cli.not-a-config"


def test_an_event_that_is_not_taken_is_an_error(offline, aws, config_file):
    aws.event_answer = {"ErrorCode": "ThrottlingException"}
    assert offline.json("run", config_file())[1]["code"] == "event.not-published"


@pytest.mark.parametrize(("verdict", "code"), [("VERIFIED", 0), ("EMPTY", 0), ("CORRUPT", 3), ("NO_RUN", 3)])
def test_following_ends_with_the_verdict(offline, aws, config_file, verdict, code):
    aws.statuses = [None, "RUNNING", "RUNNING" if code == 0 else "FAILED", "SUCCEEDED" if code == 0 else "FAILED"]
    aws.enters("LoadConfig", "CheckRun", "CheckRun", "RecordOutcome")
    offline("run", config_file())
    execution = expected_execution(aws)
    keep_receipt(offline, execution, verdict)
    result = offline("run", config_file(), "--follow")
    assert result.exit_code == code
    assert [line.strip() for line in result.stdout.splitlines()[1:4]] == ["LoadConfig", "CheckRun", "RecordOutcome"]
    assert f"{verdict}  prod/planes" in result.stdout
    assert f"s3://papers/deliveries/prod/planes/{execution}/receipt.html" in result.stdout
    found, document = offline.json("run", config_file(), "--follow")
    assert (found, document["verdict"], document["good"]) == (code, verdict, code == 0)


def test_a_failed_delivery_is_its_error(offline, aws, config_file):
    aws.statuses = ["FAILED"]
    offline("run", config_file())
    execution = expected_execution(aws)
    failure = ErrorDocument(error="UserError", code="dataset.not-exportable", message="Not there.", hint="Look.")
    keep_receipt(offline, execution, "FAILED", failure)
    code, document = offline.json("run", config_file(), "--follow")
    assert (code, document["code"]) == (1, "dataset.not-exportable")
    assert document["details"] == [f"Receipt: s3://papers/deliveries/prod/planes/{execution}/receipt.html"]


def test_an_execution_that_was_stopped_by_hand_has_no_receipt(offline, aws, config_file):
    aws.statuses = ["ABORTED"]
    code, document = offline.json("run", config_file(), "--follow")
    assert (code, document["code"], document["message"]) == (1, "E", "C")


def test_a_delivery_that_does_not_begin_is_not_awaited_for_ever(offline, aws, config_file):
    aws.statuses = [None]
    code, document = offline.json("run", config_file(), "--follow")
    assert (code, document["code"]) == (1, "cli.not-started")
    assert remote.SECONDS_TO_START <= sum(offline.services.clock.slept) < 2 * remote.SECONDS_TO_START
    assert max(offline.services.clock.slept) <= remote.LONGEST_POLL


def test_an_interruption_ends_the_following_alone(offline, aws, config_file, monkeypatch):
    def interrupt(**_):
        raise KeyboardInterrupt

    aws.describe_execution = interrupt
    code, document = offline.json("run", config_file(), "--follow")
    assert (code, document["code"]) == (130, "cli.interrupted")
    assert "goes on" in document["message"]
