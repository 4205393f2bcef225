"""Who may do what, in the template as SAM transforms it: what a role does and what it may do are the same.

What functions do, the workflow tests record; see ``test_rights_used``. The embedded cloud does not enforce the roles of
workflows, schedules and rules, so they are compared with what their definitions and targets name.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.template.definition import definitions, load_template
from tests.template.rights_used import listed
from tests.template.transformed import of_type, statements

RESOURCES = load_template()["Resources"]
MACHINES = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::StateMachine"
}
WIDE = {
    # AWS: "Using CloudWatch Logs to log execution history": these actions know no resource.
    "DeliverLogs": {
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    },
}
"""Statements that name all resources, by their Sid."""
MANAGED = {
    # SAM gives both to every function and takes no other way: to write logs, which LoggingConfig leads to one group,
    "service-role/AWSLambdaBasicExecutionRole",
    # and to write traces, which know no resource. This one to every workflow, too.
    "AWSXrayWriteOnlyAccess",
}
"""The policies of AWS's own that a role may have."""


def test_no_action_has_a_wildcard() -> None:
    wild = [
        (name, action)
        for name, statement in statements()
        for action in listed(statement["Action"])
        if "*" in action and statement["Effect"] == "Allow"
    ]
    assert wild == []


def test_all_resources_are_named_only_where_aws_offers_no_other_way() -> None:
    wide = {(name, statement.get("Sid", "")) for name, statement in statements() if _is_wide(statement)}
    assert wide == {(f"{machine}Role", sid) for machine in MACHINES for sid in WIDE}
    for _, statement in statements():
        if _is_wide(statement):
            assert set(statement["Action"]) == WIDE[statement["Sid"]]


def _is_wide(statement: dict[str, Any]) -> bool:
    return "*" in listed(statement["Resource"]) and statement["Effect"] == "Allow"


def test_only_these_policies_of_awss_own_are_used() -> None:
    used = {
        arn.partition(":policy/")[2]
        for role in of_type("AWS::IAM::Role").values()
        for arn in role.get("ManagedPolicyArns", ())
    }
    assert used == MANAGED


def test_every_function_and_every_workflow_has_a_role_of_its_own() -> None:
    for kind, property_ in (("AWS::Lambda::Function", "Role"), ("AWS::StepFunctions::StateMachine", "RoleArn")):
        roles = {name: each[property_]["Fn::GetAtt"][0] for name, each in of_type(kind).items()}
        assert roles == {name: f"{name}Role" for name in roles}


@pytest.mark.parametrize("name", MACHINES)
def test_a_workflow_may_do_what_its_definition_does_and_nothing_else(name: str) -> None:
    definition = definitions()[MACHINES[name]["DefinitionUri"]]
    invoked = {placeholder for placeholder in definition.placeholders if placeholder.endswith("FunctionArn")}
    wanted = {("lambda:InvokeFunction", placeholder.removesuffix("Arn")) for placeholder in invoked}
    if '"DISTRIBUTED"' in definition.text:
        # A distributed map starts its children as executions of the same workflow.
        children = f"execution:{name}"
        wanted |= {("states:StartExecution", name)}
        wanted |= {(f"states:{action}Execution", children) for action in ("Describe", "Stop")}
    granted = {
        (action, _named(resource))
        for owner, statement in statements()
        if owner == f"{name}Role" and not _is_wide(statement)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert granted == wanted


def test_a_schedule_may_reach_its_target_and_its_dead_letters_and_nothing_else() -> None:
    wanted: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for schedule in of_type("AWS::Scheduler::Schedule").values():
        target = schedule["Target"]
        to = _named(target["Arn"])
        action = "states:StartExecution" if to in MACHINES else "sqs:SendMessage"
        wanted[_named(target["RoleArn"])] |= {
            (action, to),
            ("sqs:SendMessage", _named(target["DeadLetterConfig"]["Arn"])),
        }
    granted = {
        role: {
            (action, _named(resource))
            for owner, statement in statements()
            if owner == role
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        for role in wanted
    }
    assert granted == wanted
    ours = {name for name in of_type("AWS::IAM::Role") if not name.endswith(("FunctionRole", "StateMachineRole"))}
    assert set(wanted) == ours


def test_a_queue_takes_from_the_rules_that_send_to_it_and_from_nobody_else() -> None:
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, rule in of_type("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            if (to := _named(target["Arn"])) in of_type("AWS::SQS::Queue"):
                wanted[to].add(name)
            wanted[_named(target["DeadLetterConfig"]["Arn"])].add(name)
    granted = {}
    for policy in of_type("AWS::SQS::QueuePolicy").values():
        [queue], [statement, guard] = policy["Queues"], policy["PolicyDocument"]["Statement"]
        [condition, tls_only, otherwise] = guard["Fn::If"]
        assert (condition, otherwise) == ("TlsOnly", {"Ref": "AWS::NoValue"})
        assert (tls_only["Effect"], tls_only["Action"], _named(tls_only["Resource"])) == (
            "Deny",
            "sqs:*",
            _named(queue),
        )
        assert tls_only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert (statement["Effect"], statement["Principal"]) == ("Allow", {"Service": "events.amazonaws.com"})
        assert (statement["Action"], _named(statement["Resource"])) == ("sqs:SendMessage", _named(queue))
        granted[_named(queue)] = {_named(arn) for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert granted == wanted
    assert set(granted) == set(of_type("AWS::SQS::Queue"))


def test_a_boundary_of_the_accounts_bounds_every_role() -> None:
    bound = {"Fn::If": ["HasPermissionsBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}
    roles = of_type("AWS::IAM::Role")
    assert {name: role.get("PermissionsBoundary") for name, role in roles.items()} == dict.fromkeys(roles, bound)


def test_only_this_accounts_schedules_may_take_a_schedules_role() -> None:
    for name, role in of_type("AWS::IAM::Role").items():
        [trust] = role["AssumeRolePolicyDocument"]["Statement"]
        services = listed(trust["Principal"]["Service"])
        if services == ["scheduler.amazonaws.com"]:
            assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}, name
        else:
            assert services in (["lambda.amazonaws.com"], ["states.amazonaws.com"])


def _named(value: Any) -> str:
    """The resource of the template that an ARN is of."""
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, *_]}:
            return str(name)
        case {"Fn::Sub": text}:
            # Only the executions of a workflow are written out.
            return f"execution:{text.partition(':execution:${')[2].removesuffix('.Name}/*')}"
    raise AssertionError(value)
