from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, ExpectedAudience, ExpectedDataset
from aep_delivery.verification.exported_files import exported_files

ID = "5ef3e324052581191aa6a466"
OTHER = "5ef3e324052581191aa6a467"
FOLDER = f"exports/{ID}/exportTime=202701010000/"


def expected(template: str | None = None, name: str = "Planes") -> Expectation:
    return Expectation(
        location="s3://b",
        path="exports",
        datasets=(ExpectedDataset(id=ID, name=name),),
        file_type="PARQUET",
        compression="GZIP",
        foldername_template=template,
        sandbox_name="prod",
    )


def selected(expectation: Expectation, *keys: str) -> tuple[list[str], int]:
    storage = MemoryReader()
    for key in keys:
        storage.put(key, b"data")
    found = exported_files(expectation, storage)
    assert found.size == 4 * len(found.own)
    return [stored.key for stored in found.own], found.left


def test_files_of_all_runs_are_own() -> None:
    keys = [
        f"exports/{ID}/exportTime={time}/{name}"
        for time in ("199901010000", "202712312359")
        for name in ("_SUCCESS", "manifest-a-b.json", "part-00000-tid.c000.gz.parquet")
    ]
    assert selected(expected(), *keys) == (keys, 0)


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "part-0.json", "part-0.parquet", "part-0", "_committed_1", ".part-0.gz.parquet", "a.gz.parquet", ""],
)
def test_what_no_export_names_so_is_left(name: str) -> None:
    assert selected(expected(), FOLDER + name) == ([], 1)


@pytest.mark.parametrize(
    "folder",
    [
        "",
        "exports/",
        f"exports/{ID}/",
        f"exports/{ID}/exportTime=2027/",
        f"exports/{ID}x/exportTime=202701010000/",
        f"exports/{OTHER}/exportTime=202701010000/",
        f"exports2/{ID}/exportTime=202701010000/",
        f"other/exports/{ID}/exportTime=202701010000/",
        f"{FOLDER}deeper/",
    ],
)
def test_other_folders_are_not_looked_at(folder: str) -> None:
    assert selected(expected(), f"{folder}part-0.gz.parquet") == ([], 0)


_SEGMENTS = st.sampled_from(
    ["exports", "exports ", ID, OTHER, "exportTime=202701010000", "exportTime=x", "", "..", "a"]
)
_NAMES = st.sampled_from(["part-0.gz.parquet", "_SUCCESS", "manifest-1.json", "notes.txt", "part-0.json"])


@given(st.lists(st.tuples(st.lists(_SEGMENTS, max_size=5), _NAMES), max_size=8))
def test_a_key_outside_the_folders_is_never_own(parts: list[tuple[list[str], str]]) -> None:
    keys = {"/".join([*folders, name]) for folders, name in parts} | {FOLDER + "part-0.gz.parquet"}
    own, _ = selected(expected(), *keys)
    assert FOLDER + "part-0.gz.parquet" in own
    assert {key.rpartition("/")[0] + "/" for key in own} == {FOLDER}
    assert {key.rpartition("/")[2] for key in own} <= {"part-0.gz.parquet", "_SUCCESS", "manifest-1.json"}


@pytest.mark.parametrize("template", ["/", "all", "%EXPORT_TIME%", "%SANDBOX_NAME%/%DATETIME(YYYYMMdd_HHmmss)%"])
def test_a_template_without_a_dataset_is_refused(template: str) -> None:
    with pytest.raises(UserError) as caught:
        selected(expected(template))
    assert caught.value.code == "remove.files-not-told-apart"


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("%DESTINATION%/%DATASET_ID%", "Planes"),
        ("%DATASET_ID%/%ORGANIZATION_NAME%", "Planes"),
        ("%DATASET_NAME%", "a b"),
    ],
)
def test_a_folder_of_which_a_part_is_not_known_is_refused(template: str, name: str) -> None:
    with pytest.raises(UserError) as caught:
        selected(expected(template, name))
    assert caught.value.code == "remove.files-not-told-apart"


def test_a_plain_name_tells_datasets_apart() -> None:
    keys = ["exports/Planes/part-0.gz.parquet", "exports/Planes2/part-0.gz.parquet"]
    assert selected(expected("%DATASET_NAME%"), *keys) == (keys[:1], 0)


def of_audience(template: str | None, path: str = "crm", name: str = "Gold") -> Expectation:
    return Expectation(
        location="s3://b",
        path=path,
        audiences=(ExpectedAudience(id="a-1", name=name, filename_template=template),),
        file_type="CSV",
        compression="NONE",
        sandbox_name="prod",
    )


def test_files_of_an_audience_are_own_by_their_names() -> None:
    own = ["crm/Gold_20270101_060000.csv", "crm/Gold_20270102_060000.csv", "crm/Gold_20270102_060000_2.csv"]
    others = ["crm/Silver_20270101_060000.csv", "crm/Gold_20270101_060000.json", "crm/manifest-a-b.json"]
    expectation = of_audience("%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%")
    assert selected(expectation, *own, *others, "crm/deeper/Gold_20270101_060000.csv", "x.csv") == (own, 3)


def test_a_folder_of_the_audience_tells_its_files() -> None:
    assert selected(of_audience("all", "crm/%SEGMENT_ID%"), "crm/a-1/all.csv", "crm/a-2/all.csv") == (
        ["crm/a-1/all.csv"],
        0,
    )


@pytest.mark.parametrize(
    ("template", "name"),
    [(None, "Gold"), ("all", "Gold"), ("%SEGMENT_ID%_%ORGANIZATION_NAME%", "Gold"), ("%SEGMENT_NAME%", "Gold one")],
)
def test_files_of_an_audience_that_may_be_those_of_others_are_refused(template: str | None, name: str) -> None:
    with pytest.raises(UserError) as caught:
        selected(of_audience(template, name=name))
    assert (caught.value.code, caught.value.place) == ("remove.files-not-told-apart", "filenameTemplate")
