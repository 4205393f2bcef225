from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.folders import folder_pattern
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.window import CLOCK_SKEW, Located, RunWindow, promises_nothing

SLOT = datetime(2027, 3, 9, 15, 0, 20, tzinfo=UTC)
ELSEWHEN = datetime(1999, 1, 1, tzinfo=UTC)
"""The storage's clock has nothing to do with Adobe's."""


def window(*, minutes: float = 10, runs: int = 1) -> RunWindow:
    outcome = RunOutcome(
        status=RunStatus.SUCCESS,
        flow_id="f",
        slot=SLOT,
        run_ids=[str(number) for number in range(runs)],
        completed_at=SLOT + timedelta(minutes=minutes),
    )
    return RunWindow.of(outcome, now=SLOT + timedelta(hours=5))


def seen(template: str, keys: dict[str, datetime]) -> tuple[KeyPattern, list[Located]]:
    """A pattern, and what was found by it."""
    expectation = Expectation(
        location="s3://b",
        datasets=(ExpectedDataset(id="d", name="D"),),
        file_type="JSON",
        compression="GZIP",
        foldername_template=template,
    )
    pattern = folder_pattern(expectation, expectation.datasets[0])
    located = []
    for key, modified in keys.items():
        place = pattern.place(key)
        assert place is not None
        located.append(Located(StoredObject(key=key, size=1, etag="e", last_modified=modified), place))
    return pattern, located


def own(template: str, keys: dict[str, datetime], chosen: RunWindow) -> list[str]:
    return [item.stored.key for item in chosen.own(*seen(template, keys))]


@pytest.mark.parametrize(
    ("minute", "belongs"),
    [
        ("1454", False),
        ("1455", True),
        ("1459", True),
        ("1500", True),
        ("1510", True),
        ("1511", True),
        ("1515", True),
        ("1516", False),
    ],
)
def test_a_folder_belongs_from_the_slot_to_the_end_by_the_minute_with_a_little_skew(
    *, minute: str, belongs: bool
) -> None:
    key = f"exportTime=20270309{minute}/p"
    assert own("%EXPORT_TIME%", {key: ELSEWHEN}, window()) == ([key] if belongs else [])


def test_skew_is_only_allowed_where_nothing_fits_without() -> None:
    keys = ["exportTime=202703091459/p", "exportTime=202703091503/p"]
    assert own("%EXPORT_TIME%", dict.fromkeys(keys, ELSEWHEN), window()) == keys[1:]


def test_seconds_are_compared_where_the_template_says_them() -> None:
    keys = ["20270309_150019/p", "20270309_150020/p"]
    assert own("%DATETIME(YYYYMMdd_HHmmss)%", dict.fromkeys(keys, ELSEWHEN), window()) == keys[1:]


def test_of_several_folders_the_earliest_belongs_to_a_single_run() -> None:
    keys = ["exportTime=202703091507/p", "exportTime=202703091502/p", "exportTime=202703091502/q"]
    assert own("%EXPORT_TIME%", dict.fromkeys(keys, ELSEWHEN), window()) == keys[1:]


def test_t75_of_several_folders_all_belong_to_several_runs() -> None:
    keys = ["exportTime=202703091507/p", "exportTime=202703091502/p", "exportTime=202703091202/p"]
    assert own("%EXPORT_TIME%", dict.fromkeys(keys, ELSEWHEN), window(runs=2)) == keys[:2]


def test_without_a_date_the_newest_objects_belong_as_far_back_as_the_run_lasted() -> None:
    keys = {
        "d/old": ELSEWHEN - timedelta(minutes=15, seconds=1),
        "d/first": ELSEWHEN - timedelta(minutes=15),
        "d/last": ELSEWHEN,
    }
    assert own("%DATASET_ID%", keys, window(minutes=10)) == ["d/first", "d/last"]


def test_without_a_date_an_empty_folder_gives_nothing() -> None:
    assert own("%DATASET_ID%", {}, window()) == []


def test_a_run_without_an_end_ends_now() -> None:
    outcome = RunOutcome(status=RunStatus.RUNNING, flow_id="f", slot=SLOT)
    assert RunWindow.of(outcome, now=SLOT + timedelta(hours=1)).end == SLOT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("minute", "fits"),
    [("1459", False), ("1500", True), ("1505", True), ("1510", True), ("1511", False)],
)
def test_where_something_of_the_run_fits_exactly_nothing_else_is_allowed_skew(*, minute: str, fits: bool) -> None:
    chosen = window()
    another = seen("%EXPORT_TIME%", {"exportTime=202703091459/p": ELSEWHEN})

    agreed = chosen.agreeing([another, seen("%EXPORT_TIME%", {f"exportTime=20270309{minute}/p": ELSEWHEN})])

    assert agreed.skew == (timedelta() if fits else CLOCK_SKEW)
    assert (agreed.slot, agreed.end) == (chosen.slot, chosen.end)
    assert agreed.own(*another) == ([] if fits else another[1])
    if fits:
        itself = seen("%EXPORT_TIME%", {f"exportTime=20270309{minute}/p": ELSEWHEN})
        assert agreed.own(*itself) == itself[1]


def test_what_has_no_date_says_nothing_of_clocks() -> None:
    chosen = window()
    assert chosen.agreeing([seen("%DATASET_ID%", {"d/p": ELSEWHEN})]) == chosen
    assert chosen.agreeing([]) == chosen


def test_a_run_that_wrote_nothing_is_allowed_no_skew() -> None:
    nothing = RunOutcome(
        status=RunStatus.EMPTY, flow_id="f", slot=SLOT, records=0, completed_at=SLOT + timedelta(minutes=10)
    )
    key = "exportTime=202703091459/p"
    assert own("%EXPORT_TIME%", {key: ELSEWHEN}, RunWindow.of(nothing, now=SLOT)) == []
    assert own("%EXPORT_TIME%", {key: ELSEWHEN}, window()) == [key]


@pytest.mark.parametrize("kind", SlotKind)
def test_only_what_is_awaited_for_a_day_is_named_after_its_beginning(kind: SlotKind) -> None:
    began = SLOT + timedelta(hours=2)
    outcome = RunOutcome(status=RunStatus.SUCCESS, flow_id="f", slot=SLOT, started_at=began, slot_kind=kind)
    assert RunWindow.of(outcome, now=began).slot == (began if kind is SlotKind.DAY else SLOT)


@pytest.mark.parametrize(
    ("status", "records", "files", "nothing"),
    [
        (RunStatus.SUCCESS, 0, 9, True),
        (RunStatus.EMPTY, 1, 0, False),
        (RunStatus.EMPTY, None, 1, True),
        (RunStatus.SUCCESS, None, 0, True),
        (RunStatus.SUCCESS, None, 1, False),
        (RunStatus.SUCCESS, None, None, False),
    ],
)
def test_records_say_more_than_the_status_and_that_more_than_files(
    status: RunStatus, records: int | None, files: int | None, nothing: bool
) -> None:
    outcome = RunOutcome(status=status, flow_id="f", slot=SLOT, records=records, files=files)
    assert promises_nothing(outcome) is nothing
