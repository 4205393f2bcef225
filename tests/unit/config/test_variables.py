from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.parts import MAX_VARIABLE, Scalar
from aep_delivery.config.variables import MAX_EXPANDED, expand

VARIABLES: dict[str, Scalar] = {"bucket": "flights", "hours": 3, "flag": True, "my-team_1": "crm", "empty": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$bucket {bucket} $", "$bucket {bucket} $"),
        ("${bucket}", "flights"),
        ("a-${bucket}/${my-team_1}/${bucket}", "a-flights/crm/flights"),
        ("${hours}", 3),
        ("every ${hours} h", "every 3 h"),
        ("${flag}", True),
        ("${flag}!", "true!"),
        ("${empty}", ""),
        ("$${bucket}", "${bucket}"),
        ("$${", "${"),
        ("$$${bucket}", "$${bucket}"),
        ("$$ ${bucket}", "$$ flights"),
        ("%DATASET_ID%/${bucket}", "%DATASET_ID%/flights"),
    ],
)
def test_variables_are_put_in_place(text: str, value: Scalar) -> None:
    expansion = expand(text, VARIABLES)
    assert (expansion.value, type(expansion.value)) == (value, type(value))
    assert expansion.violation is None


def test_the_variables_that_were_used_are_told_once() -> None:
    assert expand("${hours}${bucket}${hours}$${flag}", VARIABLES).used == ("hours", "bucket")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${buckt}", "config.variable-undefined"),
        ("a ${Bucket}", "config.variable-undefined"),
        ("${}", "config.variable-syntax"),
        ("${ bucket }", "config.variable-syntax"),
        ("${bucket", "config.variable-syntax"),
        ("${${bucket}}", "config.variable-syntax"),
        ("${1}", "config.variable-syntax"),
    ],
)
def test_what_is_no_variable_is_told_and_left(text: str, code: str) -> None:
    expansion = expand(text, VARIABLES)
    assert expansion.violation is not None
    assert (expansion.violation.code, expansion.value) == (code, text)


def test_the_variable_that_may_be_meant() -> None:
    expansion = expand("${buckt}", VARIABLES)
    assert expansion.violation is not None
    assert expansion.violation.message == "the variable `buckt` is not defined, did you mean ${bucket}?"


def test_a_key_pasted_as_a_variables_name_is_not_echoed() -> None:
    expansion = expand("${AKIACANARYCANARYCANARY}", {})
    assert expansion.violation is not None
    assert "CANARY" not in repr(expansion.violation)


@given(st.text(st.sampled_from("ab${}-"), max_size=30))
def test_any_text_can_be_written(text: str) -> None:
    assert expand(text.replace("${", "$${"), VARIABLES).value == text


@given(st.lists(st.sampled_from(["${a}", "${b}", "$${", "x", "}"]), max_size=8))
def test_a_value_is_taken_as_it_is(parts: list[str]) -> None:
    values = {"${a}": "$", "${b}": "{a}", "$${": "${"}
    # `$${a}` is an escape of its own, so what stands before a variable must not end in a dollar: here nothing does.
    expected = "".join(values.get(part, part) for part in parts)
    assert expand("".join(parts), {"a": "$", "b": "{a}"}).value == expected


def test_a_small_file_does_not_become_a_large_one() -> None:
    variables: dict[str, Scalar] = {"a": "x" * MAX_VARIABLE}
    count = MAX_EXPANDED // MAX_VARIABLE + 1
    expansion = expand("${a}" * count, variables)
    assert expansion.violation is not None
    assert (expansion.violation.code, expansion.value) == ("config.too-long", "${a}" * count)
