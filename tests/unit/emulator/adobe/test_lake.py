from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.adobe.lake import Lake, LakeError, dataset_id


def test_folders_and_single_files_are_datasets(tmp_path: Path) -> None:
    (tmp_path / "flights" / "year=2013").mkdir(parents=True)
    for name in ("b.csv", "a.json.gz", "year=2013/c.parquet", ".hidden.csv", "_temporary.csv", "notes.txt"):
        (tmp_path / "flights" / name).write_bytes(b"x")
    (tmp_path / "airports.csv.zip").write_bytes(b"x")
    (tmp_path / "README.md").write_text("no data")
    airports, flights = Lake(tmp_path).datasets("prod")
    assert (airports.name, flights.name) == ("airports", "flights")
    assert [file.name for file in flights.files()] == ["a.json.gz", "b.csv", "year=2013/c.parquet"]
    assert [file.name for file in airports.files()] == ["airports.csv.zip"]


def test_ids_depend_on_the_folder_name_alone(tmp_path: Path) -> None:
    (tmp_path / "flights").mkdir()
    (dataset,) = Lake(tmp_path).datasets("prod")
    assert dataset.id == dataset_id("flights")
    assert len(dataset.id) == 24
    int(dataset.id, 16)


@pytest.mark.parametrize("suffix", ["yaml", "yml", "json"])
def test_a_sidecar_names_a_dataset_and_bounds_it(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "x").mkdir()
    sidecar = {"name": "Flights 2013", "id": "abc", "exportable": False, "sandbox": ["prod", "dev"]}
    (tmp_path / "x" / f"dataset.{suffix}").write_text(json.dumps(sidecar))
    lake = Lake(tmp_path)
    assert [(dataset.name, dataset.id) for dataset in lake.datasets("dev")] == [("Flights 2013", "abc")]
    assert lake.exportable("dev") == []
    assert lake.datasets("other") == []
    assert lake.find("prod", "abc") is not None
    assert lake.datasets("dev")[0].files() == []


def test_a_single_file_has_its_sidecar_beside_it(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text("a\n1\n")
    (tmp_path / "flights.dataset.yaml").write_text("name: Flights\n")
    assert [dataset.name for dataset in Lake(tmp_path).datasets("prod")] == ["Flights"]


@pytest.mark.parametrize("sidecar", ["name: [", "- a list", "exportabel: false"])
def test_an_unusable_sidecar_is_told_by_its_path(tmp_path: Path, sidecar: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "dataset.yaml").write_text(sidecar)
    with pytest.raises(LakeError, match=r"dataset\.yaml"):
        Lake(tmp_path).datasets("prod")


def test_two_datasets_cannot_share_an_id(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "dataset.yaml").write_text("id: same\n")
    with pytest.raises(LakeError, match="same dataset id"):
        Lake(tmp_path).datasets("prod")
