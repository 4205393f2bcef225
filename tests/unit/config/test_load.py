from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from aep_delivery.config.base import ConfigModel
from aep_delivery.config.diagnostics import WINDOW
from aep_delivery.config.errors import MAX_RENDERED, ConfigError
from aep_delivery.config.load import MAX_DIAGNOSTICS, load_config, read_config_file
from aep_delivery.config.translate import translate

Data = Callable[..., dict[str, Any]]

YAML = b"""version: 1
name: nyc-flights
sandbox: prod
destination:
  type: amazon-s3
  auth: {type: access-key, secret: secret://flights}
  bucketName: my-bucket
  path: exports
  datasetFileType: JSON
  compression: GZIP
datasets:
  - name: Flights 2013
scheduleParams: {exportMode: DAILY_FULL_EXPORT, interval: 0, timeUnit: day}
"""


def test_yaml_and_json_are_accepted_alike() -> None:
    source, config = read_config_file(YAML, "flights.yaml")
    assert load_config(json.dumps(source.data).encode(), "flights.json") == config
    assert source.positions()["destination.auth.secret"] == (6, 36)


def test_the_error_carries_everything_a_reader_needs() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(YAML.replace(b"bucketName", b"bucketNam").replace(b"exports", b"/exports"), "crm.yaml")
    error = caught.value
    assert error.code == "config.unknown-field"
    assert error.place == "crm.yaml:7:3"
    assert error.message == (
        "destination.bucketNam: not a known field, did you mean bucketName? (1 more finding in this file)"
    )
    assert error.details[:3] == [
        "crm.yaml:7:3: destination.bucketNam: not a known field, did you mean bucketName? [config.unknown-field]",
        "    7 |   bucketNam: my-bucket",
        "      |   ^^^^^^^^^",
    ]
    assert error.family == "UserError"
    assert [diagnostic.code for diagnostic in error.diagnostics] == [
        "config.unknown-field",
        "config.path-leading-slash",
    ]


def test_many_mistakes_stay_small_enough_for_step_functions() -> None:
    lines = "\n".join(f"unknown{index}: {'x' * 90}" for index in range(1000))
    with pytest.raises(ConfigError) as caught:
        load_config(YAML + lines.encode(), "crm.yaml")
    assert len(caught.value.diagnostics) == MAX_DIAGNOSTICS
    assert "(999 more findings in this file)" in caught.value.message
    assert caught.value.details[-1] == f"… and {1000 - MAX_RENDERED} more"
    assert len(caught.value.document().model_dump_json()) < 32_768


def test_long_lines_are_cut_around_the_mistake() -> None:
    text = YAML.replace(b"path: exports", b"path: " + b"exports/" * 40 + b" x")
    with pytest.raises(ConfigError) as caught:
        load_config(text, "crm.yaml")
    diagnostic = caught.value.diagnostics[0]
    assert diagnostic.excerpt is not None
    assert len(diagnostic.excerpt) <= WINDOW + 2
    assert diagnostic.excerpt[diagnostic.caret :].startswith("exports/")


def test_control_characters_do_not_reach_a_terminal() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(YAML.replace(b"path: exports", b'"pa\\e[31mth": exports'), "crm.yaml")
    assert "\x1b" not in caught.value.document().as_text()


@pytest.mark.parametrize("field", ["endTime", "startTime", "foldernameTemplate"])
def test_null_is_no_value(codes: Callable[..., list[str]], valid: Data, field: str) -> None:
    schedule = {**valid()["scheduleParams"], field: None}
    assert codes(scheduleParams=schedule) == ["config.empty-value"]


SECRET_PLACES = st.sampled_from(
    [
        ("destination", "auth"),
        ("destination", "auth", "secret"),
        ("destination", "auth", "type"),
        ("destination", "auth", "s3SecretKey"),
        ("destination", "auth", "anything"),
        ("destination", "s3SecretKey"),
        ("destination", "connectionString"),
        ("destination", "password"),
        ("destination", "somethingElse"),
        ("password",),
        ("zzz",),
    ]
)


@given(
    places=st.lists(SECRET_PLACES, min_size=1, max_size=4, unique=True),
    secret=st.sampled_from(["CANARY", 'CANARY "quoted"', "CANARY\nCANARY", "x: CANARY", "https://u:CANARY@h/"]),
    indent=st.sampled_from([None, 1]),
    nested=st.booleans(),
)
def test_a_secret_in_a_wrong_place_is_never_echoed(
    valid: Data, places: list[tuple[str, ...]], secret: str, indent: int | None, *, nested: bool
) -> None:
    config = valid(destination__compression="ZIP", name="No Name")
    for place in places:
        target: Any = config
        for step in place[:-1]:
            target = target[step] if isinstance(target, dict) else {}
        if isinstance(target, dict):
            target[place[-1]] = {"nested": [secret]} if nested else secret
    with pytest.raises(ConfigError) as caught:
        load_config(json.dumps(config, indent=indent).encode(), "crm.json")
    assert "CANARY" not in caught.value.document().model_dump_json()
    assert "CANARY" not in repr(caught.value.diagnostics)


class _Cat(ConfigModel):
    type: Literal["cat"]
    lives: int


class _Dog(ConfigModel):
    type: Literal["dog"]
    tricks: list[str]


class _Zoo(ConfigModel):
    animal: Annotated[_Cat | _Dog, Field(discriminator="type")]


@pytest.mark.parametrize(
    ("animal", "path", "sentence"),
    [
        ({"type": "cats"}, ("animal", "type"), "unknown destination `cats`, did you mean cat?"),
        ({"lives": 9}, ("animal", "type"), "required, but missing"),
        ({"type": "cat", "lives": "9"}, ("animal", "lives"), "must be a whole number, but is text"),
        ({"type": "dog"}, ("animal", "tricks"), "required, but missing"),
    ],
)
def test_a_union_of_several_destinations_is_explained_alike(
    animal: dict[str, object], path: tuple[str, ...], sentence: str
) -> None:
    data = {"animal": animal}
    with pytest.raises(ValidationError) as caught:
        _Zoo.model_validate(data)
    (found,) = translate(caught.value.errors(), data)
    assert (found.path, found.violation.message) == (path, sentence)
