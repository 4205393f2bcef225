from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.adobe.audiences import Audiences
from emulator.adobe.profiles import ProfileStore
from emulator.adobe.segmentation import Segmentation

from .activation import GOLD, READERS, change, profile, write_profiles
from .conftest import START

DAY = timedelta(days=1)


def segmentation(lake: Path, started: datetime = START, at: time = time(0)) -> Segmentation:
    store = ProfileStore(lake, started)
    return Segmentation(store, Audiences(store.folder), at)


def statuses(found: Segmentation, at: datetime) -> list[str]:
    return [member.status for _, member in sorted(found.members(GOLD, at).items())]


def test_joins_and_exits_show_in_the_next_daily_job(tmp_path: Path) -> None:
    moves = [change(4, "+6h", loyalty__tier="gold"), change(1, "+6h", loyalty__tier="bronze")]
    write_profiles(tmp_path, changes=moves)
    found = segmentation(tmp_path)
    found.settle(START + 2 * DAY)
    assert statuses(found, START) == ["realized"] * 3
    assert statuses(found, START + DAY - timedelta(seconds=1)) == ["realized"] * 3
    assert statuses(found, START + DAY) == ["exited", "existing", "existing", "realized"]
    assert statuses(found, START + 2 * DAY) == ["exited", "existing", "existing", "existing"]
    assert found.jobs[1].counts[GOLD] == {"realized": 1, "existing": 2, "exited": 1}


def test_only_what_changed_in_between_is_a_change(tmp_path: Path) -> None:
    write_profiles(tmp_path, changes=[change(4, "+6h", loyalty__tier="gold"), change(1, "+30h", loyalty__tier="x")])
    found = segmentation(tmp_path)
    found.settle(START + 3 * DAY)
    assert [item.status for item in found.changes(GOLD, START, START + DAY).values()] == ["realized"]
    assert [item.status for item in found.changes(GOLD, START + DAY, START + 2 * DAY).values()] == ["exited"]
    assert not found.changes(GOLD, START + 2 * DAY, START + 3 * DAY)
    assert not found.changes(READERS, START, START + 3 * DAY)


def test_the_first_job_stands_for_the_one_before_the_start(tmp_path: Path) -> None:
    write_profiles(tmp_path)
    found = segmentation(tmp_path, START + timedelta(hours=5), time(6))
    found.settle(START + timedelta(hours=5))
    assert found.daily_moments() == [START - timedelta(hours=18)]
    found.settle(START + timedelta(hours=6))
    assert found.daily_moments()[1:] == [START + timedelta(hours=6)]


def test_a_job_asked_for_is_no_daily_one(tmp_path: Path) -> None:
    write_profiles(tmp_path, changes=[change(4, "+1h", loyalty__tier="gold")])
    found = segmentation(tmp_path)
    found.settle(START)
    job = found.evaluate(START + timedelta(hours=2), "api", [GOLD])
    assert list(job.counts) == [GOLD]
    assert statuses(found, START + timedelta(hours=2))[3] == "realized"
    assert found.daily_moments() == [START]


def test_without_audiences_nothing_runs(tmp_path: Path) -> None:
    found = segmentation(tmp_path)
    found.settle(START + DAY)
    assert found.jobs == []


def test_the_first_job_waits_for_files_that_are_whole(tmp_path: Path) -> None:
    write_profiles(tmp_path, audiences="")
    found = segmentation(tmp_path)
    found.settle(START)
    assert found.jobs == []
    write_profiles(tmp_path)
    found.settle(START)
    assert statuses(found, START) == ["realized"] * 3


def test_a_lake_in_disorder_fails_the_job_and_the_next_makes_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_profiles(tmp_path, changes=[change(4, "+6h", loyalty__tier="gold")])
    found = segmentation(tmp_path)
    found.settle(START)
    broken = tmp_path / "_profiles" / "broken.ndjson"
    broken.write_text("{")
    found.settle(START + DAY)
    assert found.jobs[1].error
    assert found.daily_moments() == [START]
    assert "broken.ndjson" in caplog.text
    broken.unlink()
    found.settle(START + 2 * DAY)
    assert statuses(found, START + 2 * DAY) == ["existing"] * 3 + ["realized"]


def test_a_clock_set_back_does_not_turn_the_log_round(tmp_path: Path) -> None:
    write_profiles(tmp_path)
    found = segmentation(tmp_path)
    found.settle(START + DAY)
    assert found.evaluate(START, "api").at == START + DAY


moves = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 120), st.sampled_from(["gold", "silver"])), max_size=12)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves, cuts=st.lists(st.integers(0, 6 * 24), min_size=1, max_size=4).map(sorted))
def test_a_first_full_export_and_all_changes_after_it_make_the_latest_state(
    tmp_path: Path, moves: list[tuple[int, int, str]], cuts: list[int]
) -> None:
    """Whatever the moments of the exports are: what they carried adds up to who is in the audience."""
    changes = [change(number, f"+{hours}h", loyalty__tier=tier) for number, hours, tier in moves]
    write_profiles(tmp_path, [profile(number) for number in range(1, 5)], changes=changes)
    found = segmentation(tmp_path)
    found.settle(START + 6 * DAY)
    moments = [START + timedelta(hours=hours) for hours in cuts]
    known = {key for key, member in found.members(GOLD, moments[0]).items() if member.active}
    for after, until in pairwise(moments):
        for key, member in found.changes(GOLD, after, until).items():
            (known.add if member.active else known.discard)(key)
    assert known == {key for key, member in found.members(GOLD, moments[-1]).items() if member.active}
