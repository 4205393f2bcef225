from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aep_delivery.config import folders, naming, parts
from aep_delivery.config.base import TextRule
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config, read_config_file
from aep_delivery.config.schema import PART_SCHEMA_ID, SCHEMA_ID, config_schema, field_schema, part_schema
from aep_delivery.config.source import parse_source

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
ENVIRONMENTS = sorted((Path(__file__).parents[3] / "examples" / "environments").glob("*.yaml"))
VALIDATOR = Draft202012Validator(config_schema())
PART_VALIDATOR = Draft202012Validator(part_schema())

BEYOND_JSON_SCHEMA = {
    "duplicate-field",
    "secret-given-twice",
    "schedule-window",
    "audience-end-on-first-day",
    "encryption-key",
    # One section against another.
    "audience-no-schedule",
    "campaign-mode",
    "campaign-place",
    "eloqua-mode-s3-without-bucket",
    "existing-connection-cannot-be-read",
    "column-at-first-generation",
    "filename-other-generation",
    "t49-first-generation-without-id",
    "t44-full-every-3-hours",
    "t44-incremental-weekly",
    "t45-monthly-at-adls",
    # One item of a list against the others.
    "attributes-same-column",
    "mandatory-not-mapped",
    "primary-not-mapped",
    "t50-two-times",
    "t55-namespace-and-attribute",
    "t55-three-attributes",
}
"""Bad configs that a JSON Schema takes for good: it cannot compare values, and sees no duplicates."""


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(config_schema())
    assert config_schema()["$id"] == SCHEMA_ID
    assert config_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema["$defs"].values()):
        yield from part.get("properties", {}).items()


def test_every_field_is_described_with_an_example() -> None:
    for name, field in _fields(config_schema()):
        assert field.get("description"), name
        assert field.get("examples") or "$ref" in field or "discriminator" in field, name


def test_the_examples_of_fields_are_valid() -> None:
    schema = config_schema()
    for _, field in _fields(schema):
        for example in field.get("examples", []):
            Draft202012Validator({**field, "$defs": schema["$defs"]}).validate(example)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_good(path: Path) -> None:
    text = path.read_bytes()
    source, config = read_config_file(text, path.name)
    VALIDATOR.validate(source.data)
    VALIDATOR.validate(config.document())
    first = text.decode().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/delivery-config.schema.json"


def test_there_is_an_example() -> None:
    assert [path.name for path in EXAMPLES]


def test_the_examples_commented_fields_are_good_too() -> None:
    (path,) = [path for path in EXAMPLES if path.name == "amazon-s3-datasets.yaml"]
    text = re.sub(r"^(\s*)# (- )?(\w+: \S+)", r"\1\2\3", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = re.sub(r"^# (\w+:$|  \S)", r"\1", text, flags=re.MULTILINE)
    text = text.replace("yaml-language-server: $schema", "# $schema", 1)
    config = load_config(text.encode(), path.name)
    assert config.schedule_params.start_time is not None
    assert config.destination.include_file_manifest
    assert config.datasets[-1].id == "5ef3e324052581191aa6a466"
    assert config.names.base_connection == "Flights bucket"
    assert config.adopt is not None
    assert list(config.allow) == ["schedule-change"]


def _is_document(path: Path) -> bool:
    try:
        parse_source(path.read_bytes(), path.name)
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("path", [path for path in BAD if _is_document(path)], ids=lambda path: path.stem)
def test_schema_and_loader_agree_on_bad_configs(path: Path) -> None:
    data = parse_source(path.read_bytes(), path.name).data
    assert VALIDATOR.is_valid(data) is (path.stem in BEYOND_JSON_SCHEMA)


def test_schema_and_loader_agree_on_good_configs(valid: Callable[..., dict[str, Any]]) -> None:
    for config in (
        valid(),
        valid(destination__datasetFileType="JSON"),
        valid(
            destination__datasetFileType="JSON",
            destination__compression="NONE",
            destination__allowUncompressedJson=True,
        ),
        valid(scheduleParams__startTime=1675901210, scheduleParams__endTime="2027-01-01T00:00:00+01:00"),
        valid(
            destination__auth={
                "type": "existing-connection",
                "baseConnectionId": "72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63",
            }
        ),
        valid(names={"dataflow": "Flights"}, adopt={"dataflow": "72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"}),
        valid(allow=["schedule-change"], drift="repair"),
        valid(scheduleParams={"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"}),
    ):
        VALIDATOR.validate(config)


def _rule(annotated: Any) -> TextRule:
    (rule,) = [part for part in annotated.__metadata__ if isinstance(part, TextRule)]
    return rule


RULES = {
    "bucketName": (_rule(naming.BucketName), ["ab", "a..b", "1.2.3.4", "a.b-c"]),
    "path": (_rule(folders.TargetPath), ["a/b", "/a", "a//b", "a/../b", "a/./b", "./a", "a b", "%A%", "a\\b", "a/"]),
    "template": (
        _rule(folders.FolderTemplate),
        ["/", "//", "%DATASET_ID%", "%%", "%A%", "a%", "%DATETIME(YYYYMMdd_HHmmss)%/x=", "%DATASET_ID%.%DATASET_NAME%"],
    ),
    "extends": (
        _rule(parts.FileReference),
        [
            "a.yaml",
            "a/b.base.yml",
            "../a.json",
            "./a.json",
            "a/../b.yaml",
            "/a.yaml",
            "a//b.yaml",
            "a.txt",
            "s3://a.yaml",
        ],
    ),
    "name": (_rule(naming.DeliveryName), ["a", "ab", "Ab"]),
    "dataset name": (_rule(naming.DatasetName), [" a", "a b", "a\tb", "a ", ""]),
}


@pytest.mark.parametrize("name", RULES)
@given(data=st.data())
def test_a_rules_code_and_pattern_agree(name: str, data: st.DataObject) -> None:
    rule, samples = RULES[name]
    pieces = st.lists(st.sampled_from([*samples, *"aB1/.-_%= \\!("]), max_size=6).map("".join)
    text = data.draw(st.sampled_from(samples) | pieces | st.text(max_size=70))
    if text.endswith("\n"):
        text = text.rstrip("\n")  # `$` of Python, not of JSON Schema, matches before a line's end
    assert (re.search(rule.pattern, text) is not None) is (rule.check(text) is None), text


def test_the_schema_of_a_field_is_found_by_its_path() -> None:
    access_key = {"destination": {"type": "amazon-s3", "auth": {"type": "access-key"}}}
    existing = {"destination": {"type": "amazon-s3", "auth": {"type": "existing-connection"}}}
    assert field_schema(("destination", "auth", "secret"), access_key)["examples"] == ["secret://flights-destination"]
    assert field_schema(("destination", "auth", "baseConnectionId"), existing)["type"] == "string"
    assert field_schema(("destination", "auth", "baseConnectionId"), access_key) == {}
    assert field_schema(("datasets", 3, "id"), {})["type"] == "string"
    assert field_schema(("scheduleParams", "timeUnit"), {})["enum"] == ["hour", "day"]
    assert field_schema(("nothing", "here"), {}) == {}


def test_the_schema_of_parts_is_one() -> None:
    schema = part_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == PART_SCHEMA_ID
    assert list(schema["properties"]) == list(config_schema()["properties"])


def test_the_schema_file_of_parts_is_fresh() -> None:
    path = Path(__file__).parents[3] / "schemas" / "delivery-config-part.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == part_schema()


def test_every_field_of_a_part_is_described_with_an_example() -> None:
    for name, field in _fields(part_schema()):
        assert field.get("description"), name
        assert field.get("examples") or "$ref" in field or "$ref" in field["anyOf"][0], name


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.name)
def test_parts_in_the_examples_are_good(path: Path) -> None:
    PART_VALIDATOR.validate(parse_source(path.read_bytes(), path.name).data)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../schemas/delivery-config-part.schema.json"


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"destination": {"auth": {"secret": "secret://${environment}"}}},
        {"destination": {"datasetFileType": "JSON", "compression": "NONE"}},
        {"destination": {"includeFileManifest": "${manifest}", "compression": "${compression}"}},
        {"scheduleParams": {"interval": 5, "startTime": "${start}"}},
        {"datasets": [{"name": "${dataset}"}], "allow": ["${allowed}"]},
        {"version": "${version}", "drift": "${drift}"},
    ],
)
def test_a_part_may_lack_fields_and_use_variables(part: dict[str, Any]) -> None:
    PART_VALIDATOR.validate(part)


@pytest.mark.parametrize(
    "part",
    [
        {"extend": "a.yaml"},
        {"extends": "../a.yaml"},
        {"extends": "${base}.yaml"},
        {"destination": {"bucketNam": "x"}},
        {"destination": {"path": "/x"}},
        {"destination": "${destination}"},
        {"scheduleParams": {"interval": "3"}},
        {"datasets": [{"name": "a", "id": "5ef3e324052581191aa6a466"}]},
        {"datasets": "${datasets}"},
        {"variables": {"1st": "x"}},
        {"variables": {"list": []}},
        {"allow": ["everything"]},
    ],
)
def test_a_part_is_checked_all_the_same(part: dict[str, Any]) -> None:
    assert not PART_VALIDATOR.is_valid(part)


@given(st.data())
def test_whatever_is_good_as_a_whole_is_good_as_a_part(data: st.DataObject) -> None:
    example = parse_source(EXAMPLES[0].read_bytes(), EXAMPLES[0].name).data
    assert isinstance(example, dict)
    kept = data.draw(st.lists(st.sampled_from(sorted(example)), unique=True))
    PART_VALIDATOR.validate({name: example[name] for name in kept})
