"""Every alarm has an entry in the runbook, every entry an alarm, and the one leads to the other."""

from __future__ import annotations

import re

from ruamel.yaml import YAML

from tests.unit.docs.pages import ROOT, tables

PAGE = "docs/runbook/index.md"
TEXT = (ROOT / PAGE).read_text("utf-8")
ALARMS = {
    name: resource["Properties"]
    for name, resource in YAML().load((ROOT / "template.yaml").read_text("utf-8"))["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
ENTRIES = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_alarms_and_entries_are_the_same() -> None:
    assert sorted({*ALARMS} - {*ENTRIES}) == [], "these alarms need an entry in docs/runbook/index.md"
    assert sorted({*ENTRIES} - {*ALARMS}) == [], "there are no such alarms any more"


def test_an_alarm_says_where_its_entry_is() -> None:
    assert [
        name
        for name, alarm in ALARMS.items()
        if f"docs/runbook/index.md#{name.lower()}" not in str(alarm["AlarmDescription"])
    ] == []


def test_an_entry_says_what_it_means_how_to_look_and_what_to_do() -> None:
    for name, entry in ENTRIES.items():
        assert "**It means:**" in entry, name
        assert "**Look" in entry, name
        assert re.search(r"\*\*do\*\*|\*\*Do:\*\*", entry), name


def test_every_alarm_has_an_urgency() -> None:
    [table] = [table for table in tables(PAGE) if table.head[0] == "Urgency"]
    named = [name for cell in table.column("Alarms") for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(ENTRIES)


def test_outputs_that_commands_name_exist() -> None:
    outputs = YAML().load((ROOT / "template.yaml").read_text("utf-8"))["Outputs"]
    known = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in outputs}
    assert {*re.findall(r"\$([A-Z_]{4,})", TEXT)} <= known
