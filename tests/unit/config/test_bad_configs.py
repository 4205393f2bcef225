"""Every file in bad/ against the text a person sees for it, which stands beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config, load_config_files

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
BAD_PARTS = sorted((Path(__file__).parent / "bad_parts").iterdir())


def read_error(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config(path.read_bytes(), path.name)
    return caught.value


def test_there_are_enough_of_them() -> None:
    assert len(BAD) >= 25


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_config_is_explained(path: Path) -> None:
    assert render(read_error(path).diagnostics) == path.with_suffix(".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [path for path in BAD if b"CANARY" in path.read_bytes()], ids=lambda path: path.stem)
def test_what_may_be_a_secret_is_never_echoed(path: Path) -> None:
    error = read_error(path)
    for shown in (str(error), repr(error), error.document().model_dump_json(), repr(error.diagnostics)):
        assert "CANARY" not in shown
        assert "hunter2" not in shown
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_findings_are_in_the_order_of_the_file(path: Path) -> None:
    places = [(diagnostic.line, diagnostic.column) for diagnostic in read_error(path).diagnostics]
    assert places == sorted(places)
    assert min(places) >= (1, 1)


def read_parts_error(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_config_files("crm.yaml", lambda name: (folder / name).read_bytes())
    return caught.value


@pytest.mark.parametrize("folder", BAD_PARTS, ids=lambda folder: folder.name)
def test_a_mistake_in_one_of_several_files_is_explained(folder: Path) -> None:
    error = read_parts_error(folder)
    assert render(error.diagnostics) == (folder / "expected").read_text(encoding="utf-8")
    for shown in (str(error), repr(error), error.document().model_dump_json(), repr(error.diagnostics)):
        assert "CANARY" not in shown


def test_there_are_mistakes_in_several_files_and_with_secrets() -> None:
    assert len(BAD_PARTS) >= 25
    assert any(b"CANARY" in (folder / "crm.yaml").read_bytes() for folder in BAD_PARTS)
