from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from emulator.adobe import layout

TIME = datetime(2023, 2, 8, 3, 6, 9, tzinfo=UTC)
PLACE = layout.Place("Amazon S3", "flow-1", "My flow/x", "prod", "Acme Inc")


@pytest.mark.parametrize(
    ("base", "template", "expected"),
    [
        ("exports", None, "exports/ds-1/exportTime=202302080306"),
        ("/a/b/", None, "a/b/ds-1/exportTime=202302080306"),
        ("a", "/", "a"),
        ("/", "/", ""),
        ("a", "%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%", "a/Amazon-S3/ds-1/20230208_030609"),
        ("a", "%DATASET_NAME%-%SANDBOX_NAME%", "a/Flights-2013-prod"),
        ("a", "x/%ORGANIZATION_NAME%/%DESTINATION_INSTANCE_NAME%", "a/x/Acme-Inc/My-flow-x"),
        ("a", "%DESTINATION_INSTANCE_ID%/%EXPORT_TIME%", "a/flow-1/exportTime=202302080306"),
    ],
)
def test_folders(base: str, template: str | None, expected: str) -> None:
    folder = layout.folder(base, template, PLACE, dataset_id="ds-1", dataset_name="Flights 2013", time=TIME)
    assert folder == expected


@pytest.mark.parametrize(("template", "unknown"), [("%DATASET_ID%", []), ("%FOO%", ["%FOO%"]), ("5%", ["%"])])
def test_unknown_macros_are_told(template: str, unknown: list[str]) -> None:
    assert layout.unknown_macros(template) == unknown


def test_t65_part_names_look_like_sparks() -> None:
    pattern = r"part-00007-tid-\d{17,19}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+-1-c000\.json\.gz"
    names = layout.PartNames.draw()
    assert re.fullmatch(pattern, names.name(7, ".json.gz"))
    assert names.name(7, "") != layout.PartNames.draw().name(7, "")
