from __future__ import annotations

import io
import json
import logging

import pytest
from pydantic import BaseModel, Field, SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.step import step


class Ask(BaseModel):
    execution: str = "e"
    number: int
    secret: SecretStr = SecretStr("canary")


class Answer(BaseModel):
    double: int


@step(Ask)
def double(message: Ask) -> Answer:
    if message.number == 13:
        raise UserError("No 13.", code="number.unlucky")
    if message.number == 14:
        raise KeyError("canary")
    return Answer(double=message.number * 2)


class Named(BaseModel):
    delivery_id: str = Field(alias="deliveryId")


class Told(BaseModel):
    execution: str
    delivery: Named | None = None
    delivery_id: str | None = Field(None, alias="deliveryId")


@step(Told)
def fails(message: Told) -> Answer:
    raise UserError("It always fails.", code="number.always")


def test_a_step_answers_json(context):
    assert double({"number": 4}, context) == {"double": 8}


@pytest.mark.parametrize(
    ("number", "name", "code"), [(13, "UserError", "number.unlucky"), (14, "InternalError", "internal.unexpected")]
)
def test_errors_leave_a_step_under_four_names_only(context, number, name, code):
    with pytest.raises(Exception, match=code) as caught:
        double({"number": number}, context)
    assert type(caught.value).__name__ == name
    assert json.loads(str(caught.value))["code"] == code
    assert "canary" not in str(caught.value)


def test_an_input_the_step_does_not_know_names_the_fields_and_not_their_values(context):
    with pytest.raises(Exception, match="number") as caught:
        double({"number": "canary"}, context)
    assert json.loads(str(caught.value))["code"] == "workflow.input-invalid"
    assert "canary" not in str(caught.value)


def test_no_input_is_logged(context, capsys, caplog):
    with caplog.at_level(logging.DEBUG):
        double({"number": 4, "secret": "canary-value"}, context)
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err + caplog.text


@pytest.fixture
def log(capsys, monkeypatch):
    """What the log has got, line by line. Powertools keeps the standard output of when it was imported."""
    written = io.StringIO()
    monkeypatch.setattr(logger.handlers[0], "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_defect_is_told_by_its_class_and_place_and_not_by_its_words(context, log):
    with pytest.raises(Exception, match="internal"):
        double({"number": 14}, context)
    [line] = log()
    assert line["stack"][0] == "KeyError"
    assert line["stack"][-1].endswith(" double")
    assert "canary" not in json.dumps(line)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"delivery": {"deliveryId": "prod/orders"}}, "prod/orders"),
        ({"deliveryId": "prod/orders"}, "prod/orders"),
        ({"delivery": None}, None),
        ({}, None),
    ],
)
def test_lines_are_of_the_delivery_wherever_the_input_has_it(context, log, message, expected):
    with pytest.raises(Exception, match="always"):
        fails({"execution": "e-1", **message}, context)
    [line] = log()
    assert line.get("delivery") == expected
    assert (line["execution"], line["correlation_id"]) == ("e-1", "e-1")
