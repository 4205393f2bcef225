from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from aep_delivery.cli import connection
from aep_delivery.runtime.errors import UserError

TEMPLATE = yaml_parse((Path(__file__).parents[3] / "template.yaml").read_text())
OUTPUTS = {name: f"the {name}" for name in TEMPLATE["Outputs"]}
PARAMETERS = {name: str(parameter.get("Default", "x")) for name, parameter in TEMPLATE["Parameters"].items()}


@pytest.fixture
def account(monkeypatch):
    """An account with one stack, whose DescribeStacks answers what a test likes."""
    account = SimpleNamespace(outputs=OUTPUTS, parameters=PARAMETERS, error=None, asked=[])

    def describe_stacks(**asked):
        account.asked.append(asked["StackName"])
        if account.error is not None:
            raise account.error
        return {
            "Stacks": [
                {
                    "StackStatus": "CREATE_COMPLETE",
                    "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in account.outputs.items()],
                    "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in account.parameters.items()],
                }
            ]
        }

    client = SimpleNamespace(describe_stacks=describe_stacks, meta=SimpleNamespace(region_name="eu-west-1"))
    monkeypatch.setattr(connection, "aws_client", lambda service: client)
    return account


def test_one_call_tells_what_the_functions_are_told(account):
    found = connection.connect("my-stack")
    assert account.asked == ["my-stack"]
    environment = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    # Whatever the template tells the functions, the command line must know too, or it works on something else.
    told = {"OWNER", *connection._OUTPUTS, *connection._PARAMETERS}
    assert {name for name in environment if not name.startswith("POWERTOOLS_")} - told == set()
    assert found.settings.owner == "my-stack"
    assert found.settings.state_table == "the StateTableName"
    assert found.settings.adobe_api_url == PARAMETERS["AdobeApiUrl"]
    assert found.settings.allow_loopback_http is False
    assert found.parameters["ConfigPrefix"] == "deliveries/"


def test_a_stack_of_something_else(account):
    account.outputs = {"Url": "https://example.com"}
    with pytest.raises(UserError) as caught:
        connection.connect("web")
    assert caught.value.code == "cli.stack-foreign"
    assert "no output StateTableName" in caught.value.details


def test_no_such_stack(account):
    error = {"Code": "ValidationError", "Message": "Stack with id nope does not exist"}
    account.error = ClientError({"Error": error}, "DescribeStacks")
    with pytest.raises(UserError) as caught:
        connection.connect("nope")
    assert caught.value.code == "cli.stack-not-found"
    assert "eu-west-1" in caught.value.message


def test_other_refusals_are_left_to_the_boundary(account):
    account.error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")
    with pytest.raises(ClientError):
        connection.connect("nope")
