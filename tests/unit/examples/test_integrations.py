"""The templates for integrators: what cfn-lint says of them, which events they hear, and what their code does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import ManualArgs, lint
from cfnlint.decode import cfn_yaml
from moto import mock_aws

from aep_delivery.events.details import DETAILS

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples" / "integrations"
TEMPLATES = sorted(FOLDER.glob("*.yaml"))
SAMPLES = {
    path.stem: sample
    for path in sorted((ROOT / "events").glob("*.json"))
    if (sample := json.loads(path.read_text("utf-8"))).get("source") == "aep-delivery"
}
REGION = "eu-central-1"
PARTNER = "aws.partner/developer.adobe.com/8dc56ec7-dae2-43cf-bacf-5ab8fabcabcb"
INGESTED = {
    "source": PARTNER,
    "detail-type": "Platform notifications:sources_flow_run_success",
    "detail": {
        "event_id": "aec55616-1715-487f-8044-ba648cc8ffee",
        "event": {"flowId": "flow-1", "sandboxName": "prod"},
    },
}
"""As Adobe's pages put it together: "Adobe I/O Events and Amazon EventBridge Integration" for the envelope, "Flow run
notifications" for what is in it."""
PARAMETERS = {
    "adobe-io-events": {"PartnerBus": "default", "FlowId": "flow-1", "ConfigKey": "deliveries/orders.yaml"},
    "load-redshift": {"DeliveryId": "prod/nyc-flights"},
    "notify-channel": {},
    "start-glue-job": {"DeliveryId": "prod/nyc-flights", "JobName": "load"},
}
ALL_IN_TROUBLE = {"delivery-mismatch-found", "delivery-failed", "delivery-failed-no-run", "delivery-late"}


def template(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = cfn_yaml.load(str(path))
    return loaded


def resolved(node: Any, parameters: dict[str, str]) -> Any:
    """A part of a template with its parameters filled in."""
    if isinstance(node, dict):
        if set(node) == {"Ref"} and node["Ref"] in parameters:
            return parameters[node["Ref"]]
        return {str(name): resolved(value, parameters) for name, value in node.items()}
    return [resolved(item, parameters) for item in node] if isinstance(node, list) else node


def pattern(name: str, rule: str, **parameters: str) -> dict[str, Any]:
    loaded = template(FOLDER / f"{name}.yaml")
    defaults = {key: str(value["Default"]) for key, value in loaded["Parameters"].items() if "Default" in value}
    wanted = resolved(loaded["Resources"][rule]["Properties"]["EventPattern"], defaults | PARAMETERS[name] | parameters)
    assert isinstance(wanted, dict)
    return wanted


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def heard(aws: None) -> Callable[[dict[str, Any], dict[str, dict[str, Any]]], set[str]]:
    """Which events of several a rule hears, as EventBridge matches them."""

    def hear(wanted: dict[str, Any], events: dict[str, dict[str, Any]]) -> set[str]:
        bus, sqs = boto3.client("events"), boto3.client("sqs")
        url = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus.put_rule(Name="rule", EventPattern=json.dumps(wanted))
        bus.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
        found = set()
        for name, event in events.items():
            detail = json.dumps(event["detail"])
            entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": detail}
            assert bus.put_events(Entries=[entry])["FailedEntryCount"] == 0
            for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.add(name)
        return found

    return hear


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_cfn_lint_finds_nothing(path: Path) -> None:
    assert [str(match) for match in lint(path.read_text("utf-8"), config=ManualArgs(regions=[REGION]))] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_rules_hear_of_events_that_there_are(path: Path) -> None:
    for resource in template(path)["Resources"].values():
        if resource["Type"] == "AWS::Events::Rule" and "aep-delivery" in (
            wanted := resource["Properties"]["EventPattern"]
        ).get("source", []):
            assert {*wanted["detail-type"]} <= {*DETAILS}


def test_there_are_parameters_for_every_template() -> None:
    assert {path.stem for path in TEMPLATES} == {*PARAMETERS}


@pytest.mark.parametrize("name", ["start-glue-job", "load-redshift"])
def test_jobs_hear_of_the_verified_delivery_alone(name: str, heard: Any) -> None:
    verified = SAMPLES["delivery-verified"]
    empty = {**verified, "detail": {**verified["detail"], "verdict": "EMPTY"}}
    other = {**verified, "detail": {**verified["detail"], "deliveryId": "prod/others"}}
    assert heard(pattern(name, "Verified"), {**SAMPLES, "empty": empty, "other": other}) == {"delivery-verified"}


def test_the_channel_hears_good_news_and_those_on_call_the_others(heard: Any) -> None:
    assert heard(pattern("notify-channel", "Verified"), SAMPLES) == {"delivery-verified"}


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", ALL_IN_TROUBLE),
        ("prod/", ALL_IN_TROUBLE),
        # Of a config that cannot be read, everybody hears.
        ("dev/", {"delivery-failed"}),
    ],
)
def test_those_on_call_hear_of_their_deliveries(prefix: str, expected: set[str], heard: Any) -> None:
    assert heard(pattern("notify-channel", "Trouble", DeliveryIds=prefix), SAMPLES) == expected


def test_an_ingestion_of_adobes_is_heard_where_it_is_of_the_dataflow(heard: Any) -> None:
    wanted = pattern("adobe-io-events", "Ingested")
    wanted["source"] = ["adobe"]  # Nobody but the partner may put an event with its source.
    events = {
        "ours": {**INGESTED, "source": "adobe"},
        "other flow": {**INGESTED, "source": "adobe", "detail": {"event": {"flowId": "flow-2"}}},
        "failed": {**INGESTED, "source": "adobe", "detail-type": "Platform notifications:sources_flow_run_failure"},
        **SAMPLES,
    }
    assert heard(wanted, events) == {"ours"}


def _handler(path: Path) -> Callable[[dict[str, Any], None], dict[str, Any]]:
    """The function that a template carries in itself."""
    (function,) = [r for r in template(path)["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    scope: dict[str, Any] = {}
    exec(function["Properties"]["Code"]["ZipFile"], scope)  # noqa: S102 - the code of our own template
    found: Callable[[dict[str, Any], None], dict[str, Any]] = scope["handler"]
    return found


def test_redshift_copies_the_files_of_the_receipt_and_no_others(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    detail = SAMPLES["delivery-verified"]["detail"]
    work, _, key = detail["receipt"].removeprefix("s3://").partition("/")
    files = [{"key": f"exports/flights/part-{n}.parquet", "size": 100 + n, "rows": 7} for n in range(3)]
    receipt = {"verification": {"datasets": [{"files": files[:2]}], "audiences": [{"files": files[2:]}]}}
    s3 = boto3.client("s3")
    for bucket in (work, "exports"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=work, Key=key, Body=json.dumps(receipt))
    environment = {
        "EXPORT_BUCKET": "exports",
        "WORKGROUP": "analytics",
        "DATABASE": "dev",
        "TABLE_NAME": "public.flights",
        "FORMAT": "FORMAT AS PARQUET",
        "COPY_ROLE": "arn:aws:iam::111122223333:role/copy",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    handler = _handler(FOLDER / "load-redshift.yaml")
    answer = handler(detail, None)
    manifest = f"_manifests/{detail['execution']}.manifest"
    entries = json.load(s3.get_object(Bucket="exports", Key=manifest)["Body"])["entries"]
    assert entries == [
        {"url": f"s3://exports/{file['key']}", "mandatory": True, "meta": {"content_length": file["size"]}}
        for file in files
    ]
    statement = boto3.client("redshift-data").describe_statement(Id=answer["statement"])
    assert statement["QueryString"] == (
        f"COPY public.flights FROM 's3://exports/{manifest}' "
        "IAM_ROLE 'arn:aws:iam::111122223333:role/copy' FORMAT AS PARQUET MANIFEST"
    )
    assert answer["files"] == 3


def test_a_receipt_has_what_the_loader_reads() -> None:
    definitions = json.loads((ROOT / "schemas/receipt.schema.json").read_text("utf-8"))["$defs"]
    report = definitions["VerificationReport"]["properties"]
    for exports in ("datasets", "audiences"):
        kind = report[exports]["items"]["$ref"].rpartition("/")[2]
        file = definitions[kind]["properties"]["files"]["items"]["$ref"].rpartition("/")[2]
        assert {"key", "size"} <= {*definitions[file]["properties"]}
