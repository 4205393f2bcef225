"""The template as CloudFormation gets it: with the roles and policies that SAM makes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.template.definition import load_template

_UPLOADED = {"Bucket": "artifacts", "Key": "artifact"}


@cache
def transformed() -> dict[str, dict[str, Any]]:
    """The resources of the transformed template."""
    template = load_template()
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri", "DefinitionUri"} & set(resource.get("Properties", {})):
            resource["Properties"][name] = _UPLOADED
    # It asks a session of its own for the region, to know the partition.
    with patch.dict(os.environ, AWS_DEFAULT_REGION="us-east-1"):
        resources: dict[str, dict[str, Any]] = Translator({}, Parser()).translate(template, {})["Resources"]
    return resources


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a kind, by their names."""
    return {name: each["Properties"] for name, each in transformed().items() if each["Type"] == kind}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy, with the resource that has it; of policies apart, with their role."""
    for name, role in of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", ()):
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
    for policy in of_type("AWS::IAM::Policy").values():
        [role] = policy["Roles"]
        yield from ((role["Ref"], statement) for statement in policy["PolicyDocument"]["Statement"])
    for kind in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"):
        for name, policy in of_type(kind).items():
            # As on AWS, where TLS is asked for.
            yield from ((name, each.get("Fn::If", [None, each])[1]) for each in policy["PolicyDocument"]["Statement"])
