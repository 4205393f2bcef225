"""The key of examples/aws: it can be used for what the stack keeps, and for nothing else."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cfnlint.api import ManualArgs, lint
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[3]
PATH = ROOT / "examples" / "aws" / "customer-key.yaml"
STATEMENTS: dict[str, dict[str, Any]] = {
    statement["Sid"]: statement
    for statement in yaml_parse(PATH.read_text())["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
}
RESOURCES = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
SERVICES = {
    "AWS::S3::Bucket": "s3",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::SecretsManager::Secret": "secretsmanager",
    "AWS::SQS::Queue": "sqs",
    "AWS::Serverless::Function": "lambda",
}
READING = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}


def test_cfn_lint_has_nothing_to_say() -> None:
    assert lint(PATH.read_text(), config=ManualArgs(regions=["eu-central-1"])) == []


def test_it_is_used_through_the_services_that_keep_something_and_by_this_account_alone() -> None:
    kept = {service for kind, service in SERVICES.items() if kind in {each["Type"] for each in RESOURCES.values()}}
    for sid in ("UseThroughServices", "GrantsOfServices"):
        condition = STATEMENTS[sid]["Condition"]["StringEquals"]
        assert condition["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
        through = {each["Fn::Sub"].partition(".")[0] for each in condition["kms:ViaService"]}
        assert through == kept if sid == "UseThroughServices" else through < kept


def test_who_administers_it_cannot_use_it() -> None:
    assert READING & set(STATEMENTS["Administration"]["Action"]) == set()


def test_every_statement_but_that_of_the_administration_has_a_condition() -> None:
    assert [sid for sid, statement in STATEMENTS.items() if "Condition" not in statement] == ["Administration"]


def test_the_logs_of_the_stack_are_the_logs_it_encrypts() -> None:
    patterns = STATEMENTS["Logs"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    named = [each["Fn::Sub"].partition(":log-group:")[2].replace("${StackName}", "stack") for each in patterns]
    groups = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert groups
    for group in groups:
        name = group["LogGroupName"]["Fn::Sub"].replace("${AWS::StackName}", "stack")
        assert any(fnmatchcase(name, pattern) for pattern in named), name
