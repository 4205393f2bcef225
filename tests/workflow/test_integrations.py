"""What integrators see of a delivery: its events, and what their own stacks beside the product make of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud.engine import Cloud
from tests.workflow.bench import PROGRESS, Bench

pytestmark = pytest.mark.workflow

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "integrations"


def deploy(cloud: Cloud, name: str, replaced: dict[str, str] | None = None, **parameters: str) -> dict[str, str]:
    """Create a stack of an example beside the product.

    Args:
        cloud: Where.
        name: The example's name.
        replaced: What this cloud cannot do, and what does the same in it.
        parameters: The stack's.

    Returns:
        The stack's outputs.
    """
    body = (FOLDER / f"{name}.yaml").read_text()
    for what, by in (replaced or {}).items():
        assert what in body
        body = body.replace(what, by)
    cloudformation, stack = cloud.client("cloudformation"), f"{name}-{uuid.uuid4().hex[:8]}"
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=body,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    (state,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in state.get("Outputs", [])}


def subscribed(cloud: Cloud, topic: str) -> Callable[[], list[dict[str, Any]]]:
    """A queue that hears what a topic is told; the result takes what has come."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def take() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in messages]

    return take


def until(seen: Callable[[], bool], *, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not seen() and time.monotonic() < end:
        time.sleep(0.1)
    return seen()


def test_a_delivery_tells_how_it_gets_on(bench: Bench) -> None:
    config = bench.config()
    ended = bench.deliver(config)
    execution = ended.event["detail"]["execution"]
    told = bench.progress(execution, list(PROGRESS))
    assert [event["detail-type"] for event in told] == list(PROGRESS)
    details = [event["detail"] for event in told]
    assert {detail["deliveryId"] for detail in [*details, ended.event["detail"]]} == {f"prod/{config['name']}"}
    assert len({detail["eventId"] for detail in [*details, ended.event["detail"]]}) == len(PROGRESS) + 1
    accepted, ready, applied, started, finished = details
    documents = {key.rpartition("/")[2]: key for key in bench.installation.documents() if f"/{execution}/" in key}
    assert accepted["config"].endswith(documents["config.json"])
    assert ready["plan"] == applied["plan"]
    assert ready["plan"].endswith(documents["plan.json"])
    assert finished["outcome"].endswith(documents["run.json"])
    assert ready["changes"] == applied["changes"] == 4
    assert started["runIds"] == finished["runIds"] == ended.event["detail"]["runIds"]
    assert finished["records"] == ended.event["detail"]["rows"]
    again = bench.deliver(config).event["detail"]["execution"]
    unchanged = [kind for kind in PROGRESS if kind != "Plan Applied"]
    assert [event["detail-type"] for event in bench.progress(again, unchanged)] == unchanged


def test_jobs_and_the_channel_hear_of_what_is_verified_and_those_on_call_of_the_rest(bench: Bench) -> None:
    cloud, config = bench.installation.cloud, bench.config()
    delivery_id = f"prod/{config['name']}"
    topics = deploy(cloud, "notify-channel", DeliveryIds=delivery_id)
    channel, on_call = subscribed(cloud, topics["ChannelArn"]), subscribed(cloud, topics["OnCallArn"])
    glue, job = cloud.client("glue"), f"load-{config['name']}"
    glue.create_job(Name=job, Role="loader", Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/load.py"})
    # This cloud knows Glue by its API alone: the job is started, and nobody waits for its end.
    by_api = {"states:::glue:startJobRun.sync": "states:::aws-sdk:glue:startJobRun"}
    started = deploy(cloud, "start-glue-job", by_api, DeliveryId=delivery_id, JobName=job)

    def runs() -> list[dict[str, Any]]:
        return list(glue.get_job_runs(JobName=job)["JobRuns"])

    verified = bench.deliver(config)
    assert verified.verdict == "VERIFIED"
    (news,) = channel()
    assert news["content"]["title"] == f"{delivery_id} is VERIFIED"
    assert news["content"]["nextSteps"] == [f"Receipt: {verified.event['detail']['receiptPage']}"]
    assert until(lambda: len(runs()) == 1)
    assert runs()[0]["Arguments"]["--receipt"] == verified.event["detail"]["receipt"]
    assert runs()[0]["Arguments"]["--rows"] == str(verified.event["detail"]["rows"])
    assert on_call() == []

    error = {"code": "DEST-1001", "message": "some rows were left out"}
    bench.control("POST", "run-faults", {"outcome": "partial", "errors": [error]})
    mismatch = bench.deliver(config)
    assert mismatch.event["detail-type"] == "Delivery Mismatch Found"
    (alarm,) = on_call()
    assert alarm["content"]["title"] == "Delivery Mismatch Found"
    assert alarm["content"]["description"] == mismatch.event["detail"]["reason"]
    assert channel() == []
    assert len(runs()) == 1

    # EventBridge may tell of it again.
    entry = {"Source": "aep-delivery", "DetailType": "Delivery Verified"}
    cloud.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(verified.event["detail"])}])
    bench.forget_events()
    states = cloud.client("stepfunctions")

    def ends() -> list[str]:
        listed = states.list_executions(stateMachineArn=started["StateMachineArn"])["executions"]
        return [execution["status"] for execution in listed]

    assert until(lambda: ends() == ["SUCCEEDED", "SUCCEEDED"])
    assert len(runs()) == 1


def test_what_adobe_has_ingested_is_delivered_once(bench: Bench) -> None:
    cloud, config = bench.installation.cloud, bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    bus, events = f"partner-{config['name']}", cloud.client("events")
    events.create_event_bus(Name=bus)
    # Only Adobe may send as aws.partner/…; in this test a bus of one's own stands in for Adobe's.
    partner = {"aws.partner/developer.adobe.com}]": "partner/developer.adobe.com}]"}
    key = f"deliveries/{config['name']}.yaml"
    deploy(cloud, "adobe-io-events", partner, PartnerBus=bus, FlowId="flow-1", ConfigKey=key)
    bench.forget()

    def ingested(flow: str, event_id: str, code: str = "sources_flow_run_success") -> None:
        entry = {
            "EventBusName": bus,
            "Source": "partner/developer.adobe.com/8dc56ec7",
            "DetailType": f"Platform notifications:{code}",
            "Detail": json.dumps({"event_id": event_id, "event": {"flowId": flow, "sandboxName": "prod"}}),
        }
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    ingested("flow-2", "1")
    ingested("flow-1", "2", "sources_flow_run_failure")
    bench.nothing_starts()
    ingested("flow-1", "3")
    ended = bench.ended(bench.started())
    assert (ended.status, ended.receipt["request"]["trigger"]) == ("SUCCEEDED", "event")
    ingested("flow-1", "3")
    bench.nothing_starts()
