"""The page of the rights that the template grants: who may do what, on which resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar

from docs.generate.said import ROOT

_HEAD = """\
# Rights on AWS

<!-- Written by `make pages`. -->

One role for each function and each workflow, with exactly these actions, from [`template.yaml`](../../template.yaml).
`…` in a resource stands for partition, region and account.

Each function may besides write logs and send traces, each workflow send traces: SAM adds AWS's own policies
`AWSLambdaBasicExecutionRole` and `AWSXrayWriteOnlyAccess`.
[How these rights are proven](../explanation/security.md#aws).

What your own identity needs for the command line is in [its reference](cli.md#permissions).
"""


def page() -> dict[str, str]:
    """The page: path below docs/ → content."""
    resources = YAML().load(ROOT / "template.yaml")["Resources"]
    parts = [_HEAD]
    for title, kind in (
        ("Functions", "AWS::Serverless::Function"),
        ("Workflows", "AWS::Serverless::StateMachine"),
        ("Other roles and policies", "AWS::IAM::"),
        ("Policies of buckets and queues", "Policy"),
    ):
        found = {name: each for name, each in resources.items() if _is(each["Type"], kind)}
        parts.append(f"\n## {title}\n")
        parts += [_section(name, each) for name, each in found.items()]
    return {"reference/iam.md": "".join(parts)}


def _is(given: str, kind: str) -> bool:
    if kind == "Policy":
        return given in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    return given.startswith(kind)


def _section(name: str, resource: Mapping[str, Any]) -> str:
    properties = resource["Properties"]
    about = properties.get("Description", "")
    lines = "".join(_row(statement) for statement in _statements(properties))
    table = f"| Actions | Resource |\n|---|---|\n{lines}" if lines else "Nothing besides.\n"
    return f"\n### {name}\n\n" + (f"{about}\n\n" if about else "") + table


def _statements(properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements of all policies."""
    policies = [properties[key] for key in ("PolicyDocument",) if key in properties] + [*properties.get("Policies", [])]
    for policy in map(_chosen, policies):
        for statement in policy.get("PolicyDocument", policy)["Statement"]:
            yield _chosen(statement)


def _row(statement: Mapping[str, Any]) -> str:
    actions, resources = (
        ", ".join(f"`{_text(each)}`" for each in _listed(statement[key])) for key in ("Action", "Resource")
    )
    refused = "**refused** on " if statement.get("Effect") == "Deny" else ""
    condition = f"; if `{_text(statement['Condition'])}`" if "Condition" in statement else ""
    return f"| {actions} | {refused}{resources}{condition} |\n"


def _chosen(given: Any) -> Any:
    """What a condition of the template, ``!If [Condition, this, that]``, gives where it holds."""
    return given[1] if _tag(given) == "!If" else given


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list) and not _tag(given) else [given]


def _tag(given: Any) -> str:
    return str(getattr(getattr(given, "tag", None), "value", None) or "")


def _text(given: Any) -> str:
    """A value of the template as a reader understands it: names of its own resources stay names."""
    match given:
        case TaggedScalar(value=value):
            return _short(str(value))
        case Mapping():
            return ", ".join(f"{key}: {_text(each)}" for key, each in given.items())
        case list() if _tag(given) == "!If":
            return _text(given[1])
        case list():
            return " ".join(_text(each) for each in given)
        case _:
            return _short(str(given))


def _short(text: str) -> str:
    for part in ("${AWS::Partition}:", "${AWS::Region}:", "${AWS::AccountId}:"):
        text = text.replace(part, "")
    text = text.replace("arn:", "…").replace("${AWS::StackName}", "<stack>")
    return re.sub(r"\.(Arn|Id|Name)\b", "", text)
