"""The reference names what there is, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from aep_delivery.events.details import (
    DELIVERY_FAILED,
    DELIVERY_MISMATCH_FOUND,
    DELIVERY_VERIFIED,
    DETAILS,
    FailedVerdict,
    GoodVerdict,
    MismatchVerdict,
)
from aep_delivery.events.inbound import DeliveryRequestedDetail, DeliveryScheduledDetail
from aep_delivery.runtime.errors import FAMILIES
from aep_delivery.runtime.settings import Settings
from aep_delivery.verification.codes import verdict_of
from aep_delivery.verification.receipt.verdicts import SENSES
from aep_delivery.verification.report import Finding, Verdict
from tests.unit.docs.codes import CODES, FAMILY
from tests.unit.docs.pages import ROOT, Table, bare, name_of, tables

VERDICTS = "docs/reference/verdicts.md"
EVENTS = "docs/reference/events.md"
ERRORS = "docs/reference/errors.md"
SETTINGS = "docs/reference/settings-and-parameters.md"


def _with_column(page: str, title: str) -> list[Table]:
    return [table for table in tables(page) if title in table.head]


def _named(page: str, title: str) -> list[str]:
    return [bare(cell) for table in _with_column(page, title) for cell in table.column(title)]


def _section(page: str, section: str) -> Table:
    [table] = [table for table in tables(page) if table.section == section]
    return table


def test_verdicts_are_those_of_the_code_in_order() -> None:
    table = _section(VERDICTS, "Verdicts")
    kinds = {
        **dict.fromkeys(get_args(GoodVerdict), DELIVERY_VERIFIED),
        **dict.fromkeys(get_args(MismatchVerdict), DELIVERY_MISMATCH_FOUND),
        **dict.fromkeys(get_args(FailedVerdict), DELIVERY_FAILED),
    }
    assert [(bare(row[0]), row[1], row[2], row[4]) for row in table.rows] == [
        (str(verdict), SENSES[verdict].title, "yes" if verdict.is_good else "no", kinds[verdict]) for verdict in Verdict
    ]


def test_findings_lead_to_the_verdict_that_the_page_says() -> None:
    for table in _with_column(VERDICTS, "Code"):
        for code, verdict, *_ in table.rows:
            decided = verdict_of([Finding(code=bare(code), message="")])
            assert verdict in (f"`{decided}`", "never"), code


def test_every_code_is_in_the_reference_and_no_other() -> None:
    named = [*_named(ERRORS, "Code"), *_named(VERDICTS, "Code")]
    assert sorted({*CODES} - {*named}) == [], "no page names these codes: add them to docs/reference/errors.md"
    assert sorted({*named} - {*CODES}) == [], "nothing has these codes any more"
    assert len(named) == len({*named})


def test_how_tos_name_codes_that_exist() -> None:
    pages = [name_of(page) for page in sorted((ROOT / "docs" / "how-to").glob("*.md"))]
    named = {(page, code) for page in pages for code in _named(page, "Code")}
    assert named
    assert {(page, code) for page, code in named if code not in CODES} == set()


def test_findings_are_told_from_errors_by_their_room() -> None:
    assert [code for code in _named(VERDICTS, "Code") if "verification" not in CODES[code]] == []


def test_errors_are_of_the_class_that_the_page_says() -> None:
    told = {
        bare(code): bare(family)
        for table in _with_column(ERRORS, "Class")
        if "Code" in table.head
        for code, family in zip(table.column("Code"), table.column("Class"), strict=True)
    }
    assert {code: family for code, family in told.items() if FAMILY.get(code, family) != family} == {}
    assert set(told.values()) <= set(FAMILIES)
    known = {code for code in told if code in FAMILY}
    assert len(known) > 0.8 * len(told), "most classes can be read from the source"


def test_what_the_config_section_lists_is_found_in_the_config_room() -> None:
    listed = [bare(cell) for cell in _section(ERRORS, "Config").column("Code")]
    assert listed == sorted(listed)
    assert [code for code in listed if CODES[code] != {"config"}] == []


@pytest.mark.parametrize(
    ("section", "model"),
    [("Delivery Requested", DeliveryRequestedDetail), ("Delivery Scheduled", DeliveryScheduledDetail)],
)
def test_inbound_events_name_every_field(section: str, model: type[BaseModel]) -> None:
    schema = model.model_json_schema(by_alias=True)
    table = _section(EVENTS, section)
    told = {bare(row[0]): row[1] for row in table.rows}
    required = schema.get("required", [])
    assert told == {name: "yes" if name in required else "no" for name in schema["properties"]}


def test_outbound_events_name_every_field() -> None:
    listed = _section(EVENTS, "What goes out")
    assert [re.sub(r"^\[|\].*$", "", cell) for cell in listed.column("`detail-type`")] == list(DETAILS)
    told: dict[str, set[str]] = {}
    for table in _with_column(EVENTS, "Field of `detail`"):
        for cell in table.column("Field of `detail`"):
            told.setdefault(table.section, set()).update(map(bare, cell.split(", ")))
    ends = {DELIVERY_VERIFIED, DELIVERY_MISMATCH_FOUND, DELIVERY_FAILED}
    for kind, model in DETAILS.items():
        schema = model.model_json_schema(mode="serialization")
        fields = {*schema["properties"]}
        parts = [name for part in schema.get("$defs", {}).values() for name in part["properties"]]
        named = told["Every event"] | told.get(kind, set()) | (told["The end of a delivery"] if kind in ends else set())
        assert {name for name in named if "." not in name} == fields, kind
        assert {name.rpartition(".")[2] for name in named if "." in name} <= {*parts}, kind
    assert {*told} - {"Every event", "The end of a delivery", "Delivery Requested", "Delivery Scheduled"} <= {*DETAILS}


def _template() -> dict[str, Any]:
    return dict(YAML().load((ROOT / "template.yaml").read_text()))


def test_parameters_have_the_templates_names_and_defaults() -> None:
    table = _section(SETTINGS, "Parameters")
    told = {bare(row[0]): bare(row[1]) for row in table.rows}
    assert told == {name: str(parameter["Default"]) or "empty" for name, parameter in _template()["Parameters"].items()}


def test_outputs_have_the_templates_names() -> None:
    table = _section(SETTINGS, "Outputs")
    assert [bare(row[0]) for row in table.rows] == list(_template()["Outputs"])


def test_settings_have_the_codes_names_and_defaults() -> None:
    table = _section(SETTINGS, "Settings of the functions")
    told = {bare(row[0]): bare(row[1]) for row in table.rows}
    assert told == {
        str(field.alias): "required" if field.is_required() else str(field.default).lower() or "none"
        for field in Settings.model_fields.values()
    }


def test_the_workflow_page_names_every_state() -> None:
    states = json.loads((ROOT / "statemachines/deliver.asl.json").read_text())["States"]
    table = _with_column("docs/explanation/workflow.md", "Step")[0]
    told = {bare(cell) for cell in table.column("Step")}
    assert told == {name for name, state in states.items() if state["Type"] in ("Task", "Wait")}
