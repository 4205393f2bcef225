from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.step import step

CONTEXT = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 60_000)


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


def test_a_step_answers_json():
    assert double({"number": 4}, CONTEXT) == {"double": 8}


@pytest.mark.parametrize(
    ("number", "name", "code"), [(13, "UserError", "number.unlucky"), (14, "InternalError", "internal.unexpected")]
)
def test_errors_leave_a_step_under_four_names_only(number, name, code):
    with pytest.raises(Exception, match=code) as caught:
        double({"number": number}, CONTEXT)
    assert type(caught.value).__name__ == name
    assert json.loads(str(caught.value))["code"] == code
    assert "canary" not in str(caught.value)


def test_an_input_the_step_does_not_know_names_the_fields_and_not_their_values():
    with pytest.raises(Exception, match="number") as caught:
        double({"number": "canary"}, CONTEXT)
    assert json.loads(str(caught.value))["code"] == "workflow.input-invalid"
    assert "canary" not in str(caught.value)


def test_no_input_is_logged(capsys, caplog):
    with caplog.at_level(logging.DEBUG):
        double({"number": 4, "secret": "canary-value"}, CONTEXT)
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err + caplog.text
