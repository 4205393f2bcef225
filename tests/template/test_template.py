"""What the template promises about every function, queue and bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from aep_delivery.events.outbound import SOURCE
from tests.template.definition import ROOT, definitions, load_template

TEMPLATE = load_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
NOTHING = {"Ref": "AWS::NoValue"}
DYNAMODB = {
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:Query",
    "dynamodb:Scan",
}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == kind}


FUNCTIONS = of_type("AWS::Serverless::Function")
BUCKETS = of_type("AWS::S3::Bucket")
QUEUES = of_type("AWS::SQS::Queue")


def statements(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in properties.get("Policies", ()):
        document = policy.get("PolicyDocument", policy)
        yield from document.get("Statement", ())


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(properties: dict[str, Any]) -> set[str]:
    return {action for statement in statements(properties) for action in listed(statement["Action"])}


def test_every_folder_is_a_function_and_every_function_a_folder() -> None:
    folders = {f"functions/{path.parent.name}/" for path in (ROOT / "functions").glob("*/handler.py")}
    assert {function["CodeUri"] for function in FUNCTIONS.values()} == folders
    assert len(FUNCTIONS) == len(folders)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_after_its_folder_and_described(name: str) -> None:
    function = FUNCTIONS[name]
    step = re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Function")).lower()
    assert function["CodeUri"] == f"functions/{step}/"
    assert function["Description"].endswith(".")
    assert function["Policies"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_rights_of_its_own_and_no_wildcard(name: str) -> None:
    for statement in statements(FUNCTIONS[name]):
        assert statement["Effect"] == "Allow"
        assert statement["Sid"]
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        assert "*" not in listed(statement["Resource"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_changes_the_table_by_whole_items_alone(name: str) -> None:
    assert {action for action in actions(FUNCTIONS[name]) if action.startswith("dynamodb:")} <= DYNAMODB


def test_only_steps_that_speak_to_a_side_may_read_its_secret() -> None:
    readers = {
        sid: {
            name.removesuffix("Function")
            for name, function in FUNCTIONS.items()
            if sid in {statement["Sid"] for statement in statements(function)}
        }
        for sid in ("AdobeSecret", "DestinationSecrets")
    }
    ensuring = {f"Ensure{kind}" for kind in ("BaseConnection", "SourceConnection", "TargetConnection", "Dataflow")}
    ensuring.add("ActivateAudiences")
    verifying = {"VerifyDelivery", "CheckFiles", "JudgeFiles"}
    removing = {"DisableDataflow", "RemoveDataflow", "RemoveConnections"}
    watching = {"FindRuns", "LoadRun", "WatchFreshness"}
    assert readers == {
        # A landing zone is read with credentials that Adobe hands out.
        "AdobeSecret": {
            "PlanChanges",
            *ensuring,
            "StartRun",
            "CheckRun",
            *removing,
            "DetectDrift",
            *verifying,
            *watching,
        },
        # One watch looks when credentials expire.
        "DestinationSecrets": {"PlanChanges", "EnsureBaseConnection", *verifying, "DetectDrift", "WatchFreshness"},
    }


def test_a_definition_gets_what_it_has_places_for_and_calls_functions_alone() -> None:
    for machine in of_type("AWS::Serverless::StateMachine").values():
        definition = definitions()[machine["DefinitionUri"]]
        substitutions = machine["DefinitionSubstitutions"]
        named = {value["Fn::GetAtt"][0] for name, value in substitutions.items() if name.endswith("Arn")}
        assert {f"{name}Arn" for name in named} == {name for name in definition.placeholders if name.endswith("Arn")}
        assert set(substitutions) == definition.placeholders
        resources = {state["Resource"] for state in every_task(definition.states)}
        assert resources == {"arn:aws:states:::lambda:invoke"}


@pytest.mark.parametrize("uri", definitions())
def test_a_task_waits_longer_than_its_function_may_take(uri: str) -> None:
    definition = definitions()[uri]
    for name, state in definition.tasks.items():
        function = FUNCTIONS[f"{_camel(definition.step_of(name))}Function"]
        assert state["TimeoutSeconds"] > function.get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"]), name


def test_the_queue_hides_a_message_six_times_as_long_as_the_intake_may_take() -> None:
    # AWS: Using Lambda with Amazon SQS, "at least six times the timeout that you configure on your function".
    assert QUEUES["IntakeQueue"]["VisibilityTimeout"] >= 6 * TEMPLATE["Globals"]["Function"]["Timeout"]
    assert QUEUES["StatusQueue"]["VisibilityTimeout"] >= 6 * FUNCTIONS["DrawStatusFunction"]["Timeout"]


def test_what_cannot_be_taken_in_is_kept_and_told() -> None:
    assert QUEUES["IntakeQueue"]["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["IntakeDeadLetters", "Arn"]}
    assert QUEUES["IntakeDeadLetters"]["MessageRetentionPeriod"] > QUEUES["IntakeQueue"]["MessageRetentionPeriod"]
    watched = [alarm.get("Dimensions") for alarm in of_type("AWS::CloudWatch::Alarm").values()]
    assert [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["IntakeDeadLetters", "QueueName"]}}] in watched


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] == {"Fn::If": ["HasCustomerKey", NOTHING, True]}


def test_only_this_account_and_not_the_steps_may_ask_for_something() -> None:
    """A step that somebody has taken over must not start deliveries, nor remove any."""
    removal = FUNCTIONS["ReceiveRemovalFunction"]["Events"]["RemovalRequested"]["Properties"]
    asked = {
        "Delivery Requested": of_type("AWS::Events::Rule")["DeliveryRequestedRule"]["EventPattern"],
        "Delivery Removal Requested": removal["Pattern"],
    }
    for kind, pattern in asked.items():
        assert pattern == {
            "account": [{"Ref": "AWS::AccountId"}],
            "source": [{"anything-but": SOURCE}],
            "detail-type": [kind],
        }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_speaks_on_the_event_bus_in_the_stacks_name_alone(name: str) -> None:
    for statement in statements(FUNCTIONS[name]):
        if "events:PutEvents" in listed(statement["Action"]):
            assert listed(statement["Action"]) == ["events:PutEvents"]
            assert statement["Condition"] == {"ForAllValues:StringEquals": {"events:source": [SOURCE]}}


@pytest.mark.parametrize("name", of_type("AWS::Events::Rule"))
def test_a_rule_sends_to_its_queue_and_loses_nothing(name: str) -> None:
    (target,) = of_type("AWS::Events::Rule")[name]["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["StatusQueue" if name.startswith("Status") else "IntakeQueue", "Arn"]}
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["IntakeDeadLetters", "Arn"]}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_versioned_private_and_encrypted(name: str) -> None:
    bucket = BUCKETS[name]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    condition, with_key, without = encryption["ServerSideEncryptionByDefault"]["Fn::If"]
    assert (condition, without) == ("HasCustomerKey", {"SSEAlgorithm": "AES256"})
    assert with_key == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "CustomerKeyArn"}}
    denied = [policy for policy in of_type("AWS::S3::BucketPolicy").values() if policy["Bucket"] == {"Ref": name}]
    (statement,) = denied[0]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert len(statement["Resource"]) == 2


@pytest.mark.parametrize("name", BUCKETS)
def test_nothing_piles_up_in_a_bucket(name: str) -> None:
    rules = {rule["Id"]: rule for rule in BUCKETS[name]["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 90
    assert rules["incomplete-uploads"]["AbortIncompleteMultipartUpload"]
    # What is current stays: a receipt is a proof.
    assert [rule["Prefix"] for rule in rules.values() if "ExpirationInDays" in rule] == (
        ["batches/"] if name == "WorkBucket" else []
    )


def test_a_key_of_the_customers_encrypts_everything_that_is_kept() -> None:
    key = {"Fn::If": ["HasCustomerKey", {"Ref": "CustomerKeyArn"}, NOTHING]}
    assert TEMPLATE["Globals"]["Function"]["KmsKeyArn"] == key
    assert RESOURCES["StateTable"]["Properties"]["SSESpecification"]["KMSMasterKeyId"] == key
    for kind, name in (
        ("AWS::SecretsManager::Secret", "KmsKeyId"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
    ):
        assert {resource: properties.get(name) for resource, properties in of_type(kind).items()} == dict.fromkeys(
            of_type(kind), key
        )


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::DynamoDB::Table"])
def test_what_holds_state_outlives_the_stack(kind: str) -> None:
    for resource in RESOURCES.values():
        if resource["Type"] == kind:
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_table_can_be_taken_back_and_is_not_deleted_by_mistake() -> None:
    table = RESOURCES["StateTable"]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_a_parameter_is_described_or_chosen_and_takes_nothing_that_cannot_be(name: str) -> None:
    parameter = TEMPLATE["Parameters"][name]
    bound = {"String": "AllowedPattern", "CommaDelimitedList": "AllowedPattern", "Number": "MinValue"}[
        parameter["Type"]
    ]
    assert {"AllowedValues", bound} & {*parameter}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "ScheduleExpression",
            ["rate(1 day)", "cron(0 6 * * ? *)", "at(2026-11-22T06:00:00)"],
            ["daily", "rate(1 day"],
        ),
        ("ScheduledKeys", ["deliveries/", "deliveries/prod/shop-orders.yaml"], ['a"}', "a\\b", ""]),
        (
            "PermissionsBoundaryArn",
            ["", "arn:aws:iam::000000000000:policy/team/bound"],
            ["bound", "arn:aws:iam::1:policy/x"],
        ),
    ],
)
def test_a_parameter_takes_what_it_should(name: str, good: list[str], bad: list[str]) -> None:
    pattern = TEMPLATE["Parameters"][name]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_the_defaults_reach_adobe_over_tls_alone() -> None:
    parameters = TEMPLATE["Parameters"]
    assert parameters["AllowLoopbackHttp"]["Default"] == "false"
    assert all(parameters[name]["Default"].startswith("https://") for name in ("AdobeApiUrl", "AdobeImsUrl"))


def test_the_layer_is_built_from_locked_wheels_of_no_named_host() -> None:
    layer = RESOURCES["SharedLayer"]
    folder = ROOT / layer["Properties"]["ContentUri"]
    assert layer["Metadata"]["BuildMethod"] == "makefile"
    assert "build-SharedLayer:" in (folder / "Makefile").read_text()
    assert "--require-hashes" in (folder / "Makefile").read_text()
    lines = [
        line for line in (folder / "requirements.txt").read_text().splitlines() if not line.lstrip().startswith("#")
    ]
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    pins = [line for line in lines if line and not line.startswith(" ")]
    assert pins
    assert not [pin for pin in pins if not re.match(r"[a-z0-9._-]+==\S+ .*\\$", pin)]
    following = [lines[index + 1] for index, line in enumerate(lines) if line in pins]
    assert not [line for line in following if not line.startswith("    --hash=sha256:")]


def every_task(states: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks among states, those inside of a Map, too."""
    for state in states.values():
        if state["Type"] == "Task":
            yield state
        if state["Type"] == "Map":
            yield from every_task(state["ItemProcessor"]["States"])


def _camel(step: str) -> str:
    return "".join(part.capitalize() for part in step.split("_"))
