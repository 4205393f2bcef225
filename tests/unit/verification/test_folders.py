from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.folders import folder_pattern
from aep_delivery.verification.key_pattern import KeyPattern

DATASET = ExpectedDataset(id="5ef3", name="Flights 2013")
SLOT = datetime(2027, 3, 9, 14, 59, 30, tzinfo=UTC)
END = datetime(2027, 3, 9, 15, 4, 0, tzinfo=UTC)


def pattern(template: str | None, path: str = "/exports/flights/", **values: str) -> KeyPattern:
    return folder_pattern(
        Expectation(
            location="s3://b",
            path=path,
            datasets=(DATASET,),
            file_type="JSON",
            compression="GZIP",
            foldername_template=template,
            **values,
        ),
        DATASET,
    )


def test_t65_the_default_layout() -> None:
    place = pattern(None).place("exports/flights/5ef3/exportTime=202302080306/part-0.json.gz")
    assert place is not None
    assert place.folder == "exports/flights/5ef3/exportTime=202302080306"
    assert place.name == "part-0.json.gz"
    assert place.moment == (2023, 2, 8, 3, 6)


@pytest.mark.parametrize(
    "key",
    [
        "exports/flights/5ef3/exportTime=20230208030/part-0",
        "exports/flights/5ef3/exportTime=2023020803061/part-0",
        "exports/flights/5ef3/exportTime=202302080306/deeper/part-0",
        "exports/flights/5ef4/exportTime=202302080306/part-0",
        "exports/flights/5ef3/part-0",
        "other/exports/flights/5ef3/exportTime=202302080306/part-0",
        "exports/flights/5ef3/exportTime=202302080306",
        "exports/flights/5ef3/exportTime=\u0662\u0660\u0662\u066302080306/part-0",
    ],
)
def test_what_lies_elsewhere_has_no_place(key: str) -> None:
    assert pattern(None).place(key) is None


def test_every_macro_is_rendered() -> None:
    compiled = pattern(
        "%DESTINATION%/%DATASET_NAME%-%DATASET_ID%/%SANDBOX_NAME%.%ORGANIZATION_NAME%/%DESTINATION_INSTANCE_ID%"
        "/%DESTINATION_INSTANCE_NAME%/%DATETIME(YYYYMMdd_HHmmss)%",
        destination_name="Amazon S3",
        sandbox_name="prod",
        organization_name="acme",
        destination_instance_id="i-1",
        destination_instance_name="mine",
    )
    key = "exports/flights/Amazon-S3/Flights_2013-5ef3/prod.acme/i-1/mine/20270309_145930/part-0"
    place = compiled.place(key)
    assert place is not None
    assert place.moment == compiled.moment(SLOT) == (2027, 3, 9, 14, 59, 30)


def test_a_macro_without_a_value_is_any_one_folder() -> None:
    compiled = pattern("%ORGANIZATION_NAME%/%DATASET_ID%/%EXPORT_TIME%")
    assert compiled.place("exports/flights/any/5ef3/exportTime=202302080306/p")
    assert not compiled.place("exports/flights/any/more/5ef3/exportTime=202302080306/p")
    assert compiled.text == "exports/flights/<any>/5ef3/exportTime=<year><month><day><hour><minute>"
    assert compiled.list_prefix(SLOT, END) == "exports/flights/"


@pytest.mark.parametrize("folder", ["Flights-2013", "Flights_2013", "Flights%202013", "Flights2013"])
def test_blanks_in_a_name_may_become_anything(folder: str) -> None:
    assert pattern("%DATASET_NAME%").place(f"exports/flights/{folder}/p")
    assert not pattern("%DATASET_NAME%").place(f"exports/flights/{folder}4/p")
    assert pattern("%DATASET_NAME%").list_prefix(SLOT, END) == "exports/flights/Flights"


def test_text_of_a_template_is_no_regular_expression() -> None:
    assert pattern("a.b+%DATASET_ID%").place("exports/flights/a.b+5ef3/p")
    assert not pattern("a.b+%DATASET_ID%").place("exports/flights/axbb5ef3/p")


def test_a_date_may_be_spread_over_folders_and_repeated() -> None:
    compiled = pattern("%DATETIME(YYYY)%/%DATETIME(MM)%/%DATETIME(dd)%/%DATETIME(YYYY-MM-dd)%")
    assert compiled.dated
    place = compiled.place("exports/flights/2027/03/09/2027-03-09/p")
    assert place is not None
    assert place.moment == (2027, 3, 9)
    assert compiled.place("exports/flights/2027/03/09/2027-03-10/p") is None


@pytest.mark.parametrize("template", ["/", "%DATASET_ID%", "%DATASET_ID%/%DATETIME(HHmmss)%"])
def test_without_a_full_date_runs_are_not_told_apart(template: str) -> None:
    assert not pattern(template).dated


@pytest.mark.parametrize(("path", "key"), [("", "p"), ("/", "p"), ("a/b", "a/b/p")])
def test_a_slash_alone_is_the_path_itself(path: str, key: str) -> None:
    assert pattern("/", path=path).place(key)
    assert not pattern("/", path=path).place(f"x/{key}")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (None, "exports/flights/5ef3/exportTime=202703091"),
        ("%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%", "exports/flights/5ef3/20270309_1"),
        ("%DATETIME(ddMMYYYY)%/%DATASET_ID%", "exports/flights/"),
        ("%DATETIME(YYYY)%/%DATASET_ID%", "exports/flights/2027/5ef3/"),
        ("%DATASET_ID%", "exports/flights/5ef3/"),
    ],
)
def test_the_listing_starts_as_deep_as_the_times_agree(template: str | None, expected: str) -> None:
    assert pattern(template).list_prefix(SLOT, END) == expected


@pytest.mark.parametrize("template", ["%SEGMENT_ID%", "%DATETIME%", "%EXPORT_TIME(x)%", "%DATETIME(yyyyQ)%"])
def test_what_adobe_does_not_have_is_the_authors_error(template: str) -> None:
    with pytest.raises(UserError) as caught:
        pattern(template)
    assert caught.value.place == "scheduleParams.foldernameTemplate"
