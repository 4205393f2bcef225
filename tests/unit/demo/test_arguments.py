from __future__ import annotations

from pathlib import Path

import pytest

from demo.arguments import EXAMPLE, arguments
from demo.lake import names


def _refused(capsys: pytest.CaptureFixture[str], *given: str) -> str:
    with pytest.raises(SystemExit) as ended:
        arguments([*given])
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_nothing_needs_to_be_given() -> None:
    given = arguments([])
    assert given.config is EXAMPLE
    assert (given.lake, given.damage, given.keep) == (None, None, False)


@pytest.mark.parametrize("damage", ["truncate", "delete"])
def test_what_can_be_broken(damage: str) -> None:
    assert arguments(["--break", damage]).damage == damage


def test_another_way_to_break_is_refused_in_the_words_of_make(capsys: pytest.CaptureFixture[str]) -> None:
    assert "BREAK is truncate or delete" in _refused(capsys, "--break", "trunc")


def test_a_folder_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "notes.txt").write_text("none")
    (tmp_path / "orders" / "dataset.json").write_text("{}")
    assert f"the folder {tmp_path} holds no datasets" in _refused(capsys, "--lake", str(tmp_path))
    (tmp_path / "orders" / "1.csv").write_text("a\n1\n")
    assert arguments(["--lake", str(tmp_path)]).lake == tmp_path
    assert names(tmp_path, "prod") == ["orders"]


def test_made_up_profiles_alone_are_a_lake(tmp_path: Path) -> None:
    (tmp_path / "_profiles").mkdir()
    (tmp_path / "_profiles" / "profiles.ndjson").write_text("{}\n")
    assert arguments(["--lake", str(tmp_path)]).lake == tmp_path


def test_a_config_is_called_like_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.txt").touch()
    assert "would start nothing" in _refused(capsys, "--config", str(tmp_path / "config.txt"))
    assert "there is no file" in _refused(capsys, "--config", str(tmp_path / "none.yaml"))
