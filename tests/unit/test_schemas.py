"""The published schemas against the models they are generated from."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from aep_delivery.schema_files import SCHEMAS, render_schema, write

FOLDER = Path(__file__).parents[2] / "schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_file_is_fresh(name: str) -> None:
    """If this fails: ``python -m aep_delivery.schema_files schemas``, and say in the changelog what changed."""
    assert (FOLDER / name).read_text(encoding="utf-8") == render_schema(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name]())


def test_ids_are_unique() -> None:
    ids = [make()["$id"] for make in SCHEMAS.values()]
    assert len(set(ids)) == len(ids)


def test_write_puts_every_schema_into_the_folder(tmp_path: Path) -> None:
    written = write(tmp_path / "new")
    assert [path.name for path in written] == list(SCHEMAS)
    assert all(path.read_text(encoding="utf-8") == render_schema(path.name) for path in written)
