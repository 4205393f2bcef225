"""The profiles that the demo is run with."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path

from emulator.adobe.audiences import Audiences
from emulator.adobe.lake import Lake
from emulator.adobe.profiles import ProfileStore
from emulator.adobe.segmentation import Segmentation

from .activation import GOLD, READERS, SPENDERS
from .conftest import START

LAKE = Path(__file__).parents[4] / "examples" / "lake"


def test_one_audience_changes_from_day_to_day() -> None:
    store = ProfileStore(LAKE, START)
    found = Segmentation(store, Audiences(store.folder), time(0))
    found.settle(START + timedelta(days=4))
    assert {audience.id for audience in found.jobs[0].audiences} == {GOLD, READERS, SPENDERS}
    assert len({audience.merge_policy for audience in found.jobs[0].audiences}) == 2
    days = [job.counts for job in found.jobs[1:]]
    assert all(day[GOLD]["realized"] and day[GOLD]["exited"] for day in days)
    assert not any(day[READERS]["realized"] or day[READERS]["exited"] for day in days)


def test_nobody_in_it_is_real() -> None:
    text = "".join(path.read_text() for path in sorted((LAKE / "_profiles").iterdir()))
    assert set(re.findall(r"@([\w.-]+)", text)) == {"example.com"}


def test_profiles_are_no_dataset() -> None:
    assert [dataset.name for dataset in Lake(LAKE).datasets("prod")] == ["Loyalty Profiles"]
