"""The reference of destinations names every row of the catalogue, its ways in, and an example that a test delivers."""

from __future__ import annotations

import re

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "destinations.md").read_text("utf-8")
ROWS = load_catalogue().destinations


def _table(title: str) -> dict[str, tuple[set[str], list[str]]]:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[1].startswith("`") and "destination.type" not in cells[1]:
            assert cells[5] == "works"
            found[cells[1].strip("`")] = (
                set(re.findall(r"`([a-z-]+)`", cells[2])),
                re.findall(r"\((\.\./[^)]+)\)", cells[4]),
            )
    return found


@pytest.mark.parametrize(("title", "kind"), [("Datasets", "datasets"), ("Audiences", "audiences")])
def test_every_row_is_in_its_table(title: str, kind: str) -> None:
    table = _table(title)
    rows = {row.name: row for row in ROWS if kind == "audiences" or row.flow_specs.datasets}
    assert set(table) == set(rows)
    for name, (ways, examples) in table.items():
        assert ways == {spec.type for spec in rows[name].auth_specs}, name
        assert examples
        for example in examples:
            text = (ROOT / "docs" / "reference" / example).resolve().read_text("utf-8")
            assert f"type: {name}\n" in text
            assert f"\n{kind}:" in text


def test_every_field_of_a_secret_is_named() -> None:
    section = PAGE.partition("\n## What a secret holds\n")[2].partition("\n## ")[0]
    for row in ROWS:
        for spec in row.auth_specs:
            line = next(line for line in section.splitlines() if line.startswith(f"| `{spec.type}`"))
            if spec.type in ("sftp-ssh-key", "assumed-role"):
                line = section
            for param in spec.params:
                assert f"`{param.name}`" in line, (row.name, spec.type, param.name)
