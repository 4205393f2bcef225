from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.folders import folder_pattern
from aep_delivery.verification.window import Located, RunWindow

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


def own(template: str, keys: dict[str, datetime], chosen: RunWindow) -> list[str]:
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
    return [item.stored.key for item in chosen.own(pattern, located)]


@pytest.mark.parametrize(
    ("minute", "belongs"),
    [("1454", False), ("1459", True), ("1500", True), ("1510", True), ("1511", True), ("1516", False)],
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
        "d/old": ELSEWHEN - timedelta(minutes=16),
        "d/first": ELSEWHEN - timedelta(minutes=14),
        "d/last": ELSEWHEN,
    }
    assert own("%DATASET_ID%", keys, window(minutes=10)) == ["d/first", "d/last"]


def test_without_a_date_an_empty_folder_gives_nothing() -> None:
    assert own("%DATASET_ID%", {}, window()) == []


def test_a_run_without_an_end_ends_now() -> None:
    outcome = RunOutcome(status=RunStatus.RUNNING, flow_id="f", slot=SLOT)
    assert RunWindow.of(outcome, now=SLOT + timedelta(hours=1)).end == SLOT + timedelta(hours=1)
