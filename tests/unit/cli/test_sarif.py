"""The log against what SARIF 2.1.0 demands of the parts that are used here, with nothing allowed beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aep_delivery.cli.explanations import explanations
from aep_delivery.cli.sarif import sarif_log
from aep_delivery.cli.validation import Checked, Validation, check_file
from tests.unit.docs.pages import ROOT, anchors

BAD = sorted((Path(__file__).parents[1] / "config" / "bad").glob("*.yaml"))


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


_POSITIVE = {"type": "integer", "minimum": 1}
_TEXT = _object({"text": {"type": "string", "minLength": 1}}, markdown={"type": "string", "minLength": 1})
_ARTIFACT = _object({"uri": {"type": "string", "format": "uri-reference", "pattern": r"^[!-~]+$"}})
_RULE = _object(
    {"id": {"type": "string", "minLength": 1}},
    shortDescription=_TEXT,
    help=_TEXT,
    helpUri={"type": "string", "format": "uri", "pattern": r"^https://[!-~]+$"},
    defaultConfiguration=_object({"level": {"enum": ["none", "note", "warning", "error"]}}),
)
_REGION = _object({"startLine": _POSITIVE}, startColumn=_POSITIVE, endColumn=_POSITIVE, snippet=_TEXT)
_LOCATION = _object(
    {"physicalLocation": _object({"artifactLocation": _ARTIFACT}, region=_REGION, contextRegion=_REGION)}
)
_RESULT = _object(
    {"message": _TEXT, "locations": {"type": "array", "items": _LOCATION, "minItems": 1, "maxItems": 1}},
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"const": "error"},
)
_DRIVER = _object(
    {"name": {"type": "string", "minLength": 1}},
    # SARIF: semver 2.0.0.
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    rules={"type": "array", "items": _RULE, "uniqueItems": True},
)
_RUN = _object(
    {"tool": _object({"driver": _DRIVER})},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": _RESULT},
)
SARIF = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": _RUN, "minItems": 1, "maxItems": 1}},
        **{"$schema": {"type": "string", "format": "uri"}},
    ),
}


SITE = "https://docs.example.com/aep/"


def _log(*paths: Path, site: str | None = None) -> dict[str, Any]:
    checked = [check_file(path) for path in paths]
    return sarif_log(Validation(valid=all(one.valid for one in checked), files=checked), site)


def _results(log: dict[str, Any]) -> list[dict[str, Any]]:
    return list(log["runs"][0]["results"])


def test_every_bad_config_makes_a_log_that_is_sarif() -> None:
    log = json.loads(json.dumps(_log(*BAD)))
    Draft202012Validator(SARIF).validate(log)
    assert len(_results(log)) >= len(BAD)


def test_each_result_names_its_rule_by_id_and_index() -> None:
    log = _log(*BAD)
    rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
    assert len(rules) == len({*rules})
    assert [rules[result["ruleIndex"]] for result in _results(log)] == [result["ruleId"] for result in _results(log)]


def test_lines_and_columns_are_those_of_the_diagnostics() -> None:
    path = next(path for path in BAD if path.name == "many-at-once.yaml")
    found = check_file(path).diagnostics
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in _results(_log(path))]
    assert [(region["startLine"], region["startColumn"]) for region in regions] == [
        (one.line, one.column) for one in found
    ]
    assert all(region["endColumn"] > region["startColumn"] for region in regions)


def test_a_valid_config_has_no_result(tmp_path: Path) -> None:
    log = sarif_log(Validation(valid=True, files=[Checked(file="a.yaml", valid=True, delivery_id="prod/a")]))
    Draft202012Validator(SARIF).validate(log)
    assert _results(log) == []


def test_a_file_that_cannot_be_read_is_a_result_without_a_line() -> None:
    (result,) = _results(_log(Path("no where/ä.yaml")))
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "no%20where/%C3%A4.yaml"}}
    assert result["ruleId"] == "config.not-found"


@pytest.mark.parametrize(
    ("file", "uri"), [("deliveries/a.yaml", "deliveries/a.yaml"), ("/a b.yaml", "file:///a%20b.yaml"), ("a:b", "a%3Ab")]
)
def test_places_are_uris(file: str, uri: str) -> None:
    (result,) = _results(_log(Path(file)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_rules_are_described_as_in_the_reference() -> None:
    for rule in _log(*BAD)["runs"][0]["tool"]["driver"]["rules"]:
        found = explanations()[rule["id"]]
        assert rule["shortDescription"]["text"] == found.meaning.replace("`", "")
        assert found.example in rule["help"]["markdown"]
        assert found.advice in rule["help"]["markdown"]
        assert rule["help"]["text"].startswith(f"{found.kind} {found.meaning}")
        assert "```" not in rule["help"]["text"]
        assert "helpUri" not in rule


def test_rules_lead_to_the_section_of_the_site_that_explains_them() -> None:
    log = json.loads(json.dumps(_log(*BAD, site=SITE)))
    Draft202012Validator(SARIF).validate(log)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        page, _, anchor = rule["helpUri"].removeprefix(SITE).partition("#")
        # mkdocs makes one .html of each .md.
        assert anchor in anchors(ROOT / "docs" / page.replace(".html", ".md"))


def test_no_secret_is_in_a_log(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("version: 1\ndestination:\n  auth:\n    s3SecretKey: canaryCANARYcanaryCANARYcanaryCANARYcana\n")
    assert "canary" not in json.dumps(_log(path))
