"""The reference of the config names every field, combination and macro that the code knows, and nothing else."""

from __future__ import annotations

import itertools
import re

from aep_delivery.config.audience_schedule import AudienceSchedule, Frequency, Trigger, broken_rules
from aep_delivery.config.filenames import CURRENT_MACROS, FIRST_GENERATION_MACROS, REQUIRED_MACROS
from aep_delivery.config.folders import MACROS
from aep_delivery.config.schedule import ExportMode
from tests.unit.docs.config_fields import PAGE, branches_of, in_page, in_schema
from tests.unit.docs.pages import ROOT, Table, bare, tables

_MAY_BE_THERE = {"yes": (True, False), "no": (False,)}
TEXT = (ROOT / PAGE).read_text("utf-8")


def _table(section: str, *titles: str) -> Table:
    [table] = [table for table in tables(PAGE) if bare(table.section) == section and {*titles} <= {*table.head}]
    return table


def _names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_every_field_is_told_with_its_default_and_where_it_is_known() -> None:
    page, schema = in_page(), in_schema()
    assert sorted({*schema} - {*page}) == [], "the page lacks these"
    assert sorted({*page} - {*schema}) == [], "the config has no such field, or another default"
    assert {field: where for field, where in page.items() if where != schema[field]} == {}


def test_the_page_would_be_missed_to_lack_a_branch() -> None:
    assert len(branches_of("destination")) == 13
    assert in_schema()["destination", "container", "required"] == {"azure-blob", "azure-blob-first-generation"}
    assert ("schedule", "frequency", "required") in in_schema()


def test_each_destination_is_told_with_its_ways_to_authenticate() -> None:
    told = {bare(row[0]): _names(row[1]) for row in _table("destination", "`destination.type`").rows}
    known = {}
    for name, model in branches_of("destination").items():
        auth = model["properties"]["auth"]
        choices = [choice["$ref"] for choice in auth.get("oneOf", auth.get("anyOf", [])) if "$ref" in choice]
        types = {
            kind for kind, part in branches_of("auth").items() if any(ref.endswith(part["title"]) for ref in choices)
        }
        assert "existing-connection" in types, "the page says: everywhere"
        known[name] = types - {"existing-connection"}
    assert {name: ways - {"auth"} for name, ways in told.items()} == known


def test_the_schedules_of_audiences_are_those_the_code_takes() -> None:
    table = _table("schedule", "`frequency`", "`triggerType`")
    told = {
        (mode, frequency, bare(row[2]), timed, ended)
        for row in table.rows
        for mode, frequency in itertools.product(_names(row[0]), _names(row[1]))
        for timed, ended in itertools.product(_MAY_BE_THERE[row[3]], _MAY_BE_THERE[row[4]])
    }
    possible = itertools.product(ExportMode, Frequency, Trigger, (True, False), (True, False))
    taken = {
        (str(mode), str(frequency), str(trigger), timed, ended)
        for mode, frequency, trigger, timed, ended in possible
        if not [*broken_rules(mode, _schedule(frequency, trigger, timed=timed, ended=ended))]
    }
    assert told == taken


def _schedule(frequency: Frequency, trigger: Trigger, *, timed: bool, ended: bool) -> AudienceSchedule:
    given = {"frequency": frequency, "triggerType": trigger, "startDate": "2030-01-01"}
    timing = {"startTime": "06:00"} if timed else {}
    ending = {"endDate": "2030-07-01"} if ended else {}
    return AudienceSchedule.model_validate({**given, **timing, **ending})


def test_folder_macros_are_all_named() -> None:
    section = TEXT.partition("\n## `scheduleParams`\n")[2].partition("\n## ")[0]
    spans = {span for span in _names(section) if span.startswith("%") and "/" not in span}
    assert spans == {f"%{macro}%" for macro in MACROS}


def test_macros_of_file_names_are_told_for_both_generations() -> None:
    rows = {next(iter(_names(row[0]))).strip("%"): row[1:] for row in _table("filenameTemplate", "Macro").rows}
    time = next(macro for macro in rows if macro.startswith("DATETIME("))
    assert rows.pop(time) == ["yes", "yes"]
    assert {macro: cells[0] for macro, cells in rows.items()} == {
        macro: "yes" if macro in CURRENT_MACROS else "no" for macro in rows
    }
    assert {macro: cells[1] for macro, cells in rows.items()} == {
        macro: "required" if macro in REQUIRED_MACROS else "yes" if macro in FIRST_GENERATION_MACROS else "no"
        for macro in rows
    }
    assert {*rows} == {*CURRENT_MACROS, *FIRST_GENERATION_MACROS}
