from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.expectation import Expectation, ExpectedAudience
from aep_delivery.verification.filenames import audience_pattern
from aep_delivery.verification.key_pattern import KeyPattern
from emulator.adobe import filenames, layout

ID = "9f7d37fd-7039-4454-94ef-2b0cd6c3206a"
SLOT = datetime(2027, 3, 9, 14, 59, 30, tzinfo=UTC)


def pattern(template: str | None, path: str = "crm", name: str = "Gold", **values: str) -> KeyPattern:
    audience = ExpectedAudience(id=ID, name=name, filename_template=template)
    return audience_pattern(
        Expectation(location="s3://b", path=path, audiences=(audience,), file_type="CSV", compression="NONE", **values),
        audience,
    )


@pytest.mark.parametrize(
    "name",
    [f"Amazon-S3_segment{ID}_20270309145930", f"Amazon_S3_{ID}_20270309_145930", f"_segment{ID}_20270309145930"],
)
def test_the_default_name_is_known_by_id_and_time(name: str) -> None:
    place = pattern(None).place(f"crm/{name}.csv")
    assert place is not None
    assert place.moment == (2027, 3, 9, 14, 59, 30)
    assert (place.folder, place.split, place.suffix) == ("crm", None, ".csv")


def test_t57_parts_are_numbered_from_two_on() -> None:
    compiled = pattern("x")
    found = [compiled.place(f"crm/{name}") for name in ("x.csv", "x_2.csv", "x_3.csv.gz", "x_12.csv.pgp")]
    assert [(place.stem, place.split, place.suffix) for place in found if place] == [
        ("x", None, ".csv"),
        ("x", "2", ".csv"),
        ("x", "3", ".csv.gz"),
        ("x", "12", ".csv.pgp"),
    ]


@pytest.mark.parametrize(
    "key", ["crm/xy.csv", "x.csv", "crm/deeper/x.csv", "crm/x_2027.csv", "crm/x.csv.tmp", "crm/x_2_3.csv"]
)
def test_other_keys_have_no_place(key: str) -> None:
    assert pattern("x").place(key) is None


def test_macros_of_the_path_are_those_of_the_audience() -> None:
    assert pattern("x", "crm/%SEGMENT_NAME%").place("crm/Gold/x.csv")
    assert pattern("x", "crm/%SEGMENT_ID%/").place(f"crm/{ID}/x.csv")
    assert not pattern("x", "crm/%SEGMENT_NAME%").place("crm/Silver/x.csv")


@pytest.mark.parametrize("written", ["Gold-members", "Gold_members", "Gold%20members"])
def test_blanks_in_a_name_may_have_become_anything(written: str) -> None:
    assert pattern("%SEGMENT_NAME%_v1", name="Gold members").place(f"crm/{written}_v1.csv")


def test_unknown_values_match_anything_but_a_slash() -> None:
    compiled = pattern("%DESTINATION%-%ORGANIZATION_NAME%-%SEGMENT_ID%")
    assert compiled.place(f"crm/Amazon S3-acme-{ID}.csv")
    assert not compiled.place(f"crm/a/b-acme-{ID}.csv")
    known = pattern("%DESTINATION%-%SEGMENT_ID%", destination_name="s3")
    assert known.place(f"crm/s3-{ID}.csv")
    assert not known.place(f"crm/gcs-{ID}.csv")


@pytest.mark.parametrize("digits", ["1804690770", "1804690770123"])
def test_a_timestamp_is_seconds_or_milliseconds_since_1970(digits: str) -> None:
    compiled = pattern("gold_%TIMESTAMP%")
    place = compiled.place(f"crm/gold_{digits}.csv")
    assert place is not None
    assert place.moment == compiled.moment(datetime.fromtimestamp(1804690770, UTC))


def test_a_static_name_tells_no_runs_apart() -> None:
    assert not pattern("gold").dated
    assert pattern("gold_%DATETIME(YYYYMMdd)%").moment(SLOT) == (2027, 3, 9)


def test_the_folder_is_listed_whole_whatever_the_time() -> None:
    assert pattern("gold_%DATETIME(YYYYMMdd)%").list_prefix(SLOT, SLOT) == "crm/"
    assert pattern("gold", "").list_prefix(SLOT, SLOT) == ""


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("%FOO%", "verification.unknown-filename-macro"),
        ("%EXPORT_TIME%", "verification.unknown-filename-macro"),
        ("%DATETIME(QQ)%", "verification.unknown-date-pattern"),
    ],
)
def test_what_adobe_does_not_have_is_refused(template: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        pattern(template)
    assert (caught.value.code, caught.value.place) == (code, "filenameTemplate")


def test_a_path_has_macros_of_its_own() -> None:
    with pytest.raises(UserError) as caught:
        pattern("x", "crm/%DATASET_ID%")
    assert caught.value.code == "verification.unknown-folder-macro"


_TEXT = st.text("abcdefgXYZ0189-.!()'", min_size=1, max_size=12)


@given(before=_TEXT, name=_TEXT, after=_TEXT, number=st.integers(1, 999))
def test_every_rendered_name_is_found_with_its_number(before: str, name: str, after: str, number: int) -> None:
    template = f"{before}%SEGMENT_NAME%{after}%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
    written = f"{before}{name}{after}{ID}_20270309_145930" + ("" if number == 1 else f"_{number}")
    place = pattern(template, name=name).place(f"crm/{written}.csv.gz")
    assert place is not None
    assert (place.moment, int(place.split or 1), place.suffix) == ((2027, 3, 9, 14, 59, 30), number, ".csv.gz")


WRITER = layout.Place(
    destination="Amazon S3", flow_id="f-1", flow_name="Gold to the CRM", sandbox="prod", organization="Acme & Co"
)


@given(
    name=st.text("Gold members/é-_.0", min_size=1, max_size=20).filter(str.strip),
    template=st.sampled_from(
        [
            None,
            "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%",
            "%DESTINATION%.%SEGMENT_ID%.%TIMESTAMP%",
            "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
            "%ORGANIZATION_NAME%_%SANDBOX_NAME%_%DESTINATION_INSTANCE_ID%_%SEGMENT_NAME%_%DATETIME(YYYYMMdd-HHmmss)%",
        ]
    ),
    number=st.integers(1, 20),
)
def test_what_the_emulated_adobe_writes_is_found(name: str, template: str | None, number: int) -> None:
    subject = filenames.Subject(ID, name)
    base = filenames.base_name(template, WRITER, subject, SLOT)
    folder = filenames.folder("crm/%SEGMENT_NAME%", subject)
    compiled = pattern(template, "crm/%SEGMENT_NAME%", name, sandbox_name="prod")
    place = compiled.place(f"{folder}/{filenames.numbered(base, number, '.csv.gz')}")
    assert place is not None
    assert (place.moment, int(place.split or 1)) == (compiled.moment(SLOT), number)
