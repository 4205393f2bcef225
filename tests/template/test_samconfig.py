"""What `sam deploy` is told for each stage: names that do not meet, parameters that there are, and a way back."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from tests.template.definition import ROOT, load_template

TEMPLATE = load_template()
CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
DEPLOYS: dict[str, dict[str, Any]] = {
    stage: told["deploy"]["parameters"] for stage, told in CONFIG.items() if stage != "version"
}
WATCHES = ("RunsScheduleState", "FreshnessScheduleState", "DriftScheduleState")


def pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


def overrides(stage: str) -> dict[str, str]:
    return pairs(DEPLOYS[stage].get("parameter_overrides", ""))


def test_there_is_one_installation_alone_or_three_stages() -> None:
    assert list(DEPLOYS) == ["default", "dev", "stage", "prod"]
    for name in ("stack_name", "s3_prefix"):
        assert len({told[name] for told in DEPLOYS.values()}) == len(DEPLOYS)


@pytest.mark.parametrize("stage", DEPLOYS)
class TestAStage:
    def test_its_parameters_are_those_of_the_template(self, stage: str) -> None:
        for name, value in overrides(stage).items():
            parameter = TEMPLATE["Parameters"][name]
            assert value in map(str, parameter.get("AllowedValues", [value])), name
            assert str(parameter["Default"]) != value, f"{name} has this value anyway"

    def test_it_goes_back_to_what_was_there_when_a_change_fails(self, stage: str) -> None:
        assert DEPLOYS[stage]["disable_rollback"] is False

    def test_it_makes_roles_without_names_of_their_own(self, stage: str) -> None:
        assert DEPLOYS[stage]["capabilities"] == "CAPABILITY_IAM"
        roles = [each for each in TEMPLATE["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
        assert not [role for role in roles if "RoleName" in role["Properties"]]

    def test_what_it_costs_can_be_told_apart(self, stage: str) -> None:
        stages = {} if stage == "default" else {"stage": stage}
        assert pairs(DEPLOYS[stage]["tags"]) == {"application": "aep-delivery", **stages}

    def test_its_name_fits_into_an_owner_marker(self, stage: str) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,40}", DEPLOYS[stage]["stack_name"])


def test_prod_is_watched_shown_before_it_is_changed_and_tried_before() -> None:
    assert DEPLOYS["prod"]["confirm_changeset"] is True
    for stage in ("stage", "prod"):
        assert {name: overrides(stage)[name] for name in WATCHES} == dict.fromkeys(WATCHES, "ENABLED")


def test_the_stack_policy_guards_what_cannot_be_made_anew() -> None:
    policy = json.loads((ROOT / "examples/aws/stack-policy.json").read_text("utf-8"))
    allowed, denied = policy["Statement"]
    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "Update:*", "*")
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    kinds = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret")
    kept = {name for name, each in TEMPLATE["Resources"].items() if each["Type"] in kinds}
    assert {name.removeprefix("LogicalResourceId/") for name in denied["Resource"]} == kept
