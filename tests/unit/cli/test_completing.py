from __future__ import annotations

import pytest

from aep_delivery.cli import completing
from aep_delivery.cli.completing import deliveries, delivery_names


@pytest.fixture
def here(config_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config_file("planes.json")
    config_file("ships.yaml", name="ships", sandbox="dev")
    config_file("wrong.yaml", version=2)
    config_file("all.base.yaml", name="base")
    (tmp_path / "other.json").write_text("[]")


def test_names_of_the_configs_here(here):
    assert delivery_names("") == ["dev/ships", "prod/planes"]
    assert delivery_names("prod/") == ["prod/planes"]


def test_names_and_files(here):
    assert deliveries("") == ["dev/ships", "planes.json", "prod/planes", "ships.yaml"]
    assert deliveries("p") == ["planes.json", "prod/planes"]


def test_a_shell_does_not_wait_for_hundreds_of_configs(here, monkeypatch):
    monkeypatch.setattr(completing, "MAX_CONFIGS", 2)
    assert delivery_names("") == ["prod/planes"]


def test_a_folder_that_is_gone_offers_nothing(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert deliveries("") == []
