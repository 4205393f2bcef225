from __future__ import annotations

from datetime import UTC, datetime

import pytest

from emulator.adobe import filenames
from emulator.adobe.layout import Place
from emulator.adobe.problems import Problem

PLACE = Place("Amazon S3", "flow-1", "My activation", "prod", "Luma Inc")
SUBJECT = filenames.Subject("seg-1", "Readers/US east")
TIME = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("template", ["%DESTINATION_NAME%", "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%", "plain"])
def test_t49_the_first_generation_needs_destination_and_segment(template: str) -> None:
    filenames.check(template, current=True)
    with pytest.raises(Problem) as caught:
        filenames.check(template, current=False)
    assert "%SEGMENT_ID%" in str(caught.value)


@pytest.mark.parametrize("current", [True, False])
@pytest.mark.parametrize("extra", ["", "_%SEGMENT_NAME%", "_%TIMESTAMP%", "_%DATETIME(YYYYMMdd)%_text"])
def test_t49_both_generations_take_the_tutorials_templates(extra: str, current: bool) -> None:
    filenames.check(f"%DESTINATION_NAME%_%SEGMENT_ID%{extra}", current=current)


@pytest.mark.parametrize(
    "template",
    [
        "%DATETIME(YYYYMMdd_HHmmss)%_%TIMESTAMP%",
        "%TIMESTAMP%_%TIMESTAMP%",
        "x" * 256,
        "%FOO%",
        "%DATETIME%",
        "%TIMESTAMP(YYYY)%",
        "100%",
        "a/b",
        "",
        None,
        7,
    ],
)
def test_t50_other_templates_are_refused(template: object) -> None:
    with pytest.raises(Problem):
        filenames.check(template, current=True)


def test_the_current_generations_macros_are_not_the_firsts() -> None:
    template = "%DESTINATION_NAME%_%SEGMENT_ID%_%SANDBOX_NAME%"
    filenames.check(template, current=True)
    with pytest.raises(Problem):
        filenames.check(template, current=False)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (None, "Amazon-S3_segmentseg-1_20270102030405"),
        ("%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%", "Amazon-S3_seg-1_20270102_030405"),
        ("%DESTINATION%-%SEGMENT_NAME%-%TIMESTAMP%", f"Amazon-S3-Readers-US-east-{int(TIME.timestamp())}"),
        ("%DESTINATION_INSTANCE_ID%.%DESTINATION_INSTANCE_NAME%", "flow-1.My-activation"),
        ("%ORGANIZATION_NAME%_%SANDBOX_NAME%", "Luma-Inc_prod"),
        ("static", "static"),
    ],
)
def test_templates_are_filled_in(template: str | None, name: str) -> None:
    assert filenames.base_name(template, PLACE, SUBJECT, TIME) == name


def test_a_rendered_name_is_no_longer_than_allowed() -> None:
    long = filenames.Subject("id", "n" * 300)
    assert len(filenames.base_name("%SEGMENT_NAME%", PLACE, long, TIME)) == 255


def test_t57_there_is_no_second_file_called_1() -> None:
    assert [filenames.numbered("x", number, ".csv") for number in (1, 2, 3)] == ["x.csv", "x_2.csv", "x_3.csv"]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("a/b", "a/b"),
        ("/a//%SEGMENT_NAME%/", "a/Readers-US-east"),
        ("%SEGMENT_NAME%/%SEGMENT_ID%", "Readers-US-east/seg-1"),
        ("/", ""),
    ],
)
def test_folders_have_macros_of_their_own(path: str, folder: str) -> None:
    assert filenames.folder(path, SUBJECT) == folder
