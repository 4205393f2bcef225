"""Which files are taken for a run's, where other runs of the same dataflow are minutes away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.inventory import take_inventory
from aep_delivery.verification.window import RunWindow

SLOT = datetime(2027, 3, 9, 15, 0, 20, tzinfo=UTC)
EXPECTATION = Expectation(
    location="s3://b",
    datasets=(ExpectedDataset(id="planes", name="Planes"), ExpectedDataset(id="ports", name="Airports")),
    file_type="JSON",
    compression="GZIP",
)


def found(*keys: str) -> list[str]:
    reader = MemoryReader()
    for key in keys:
        reader.put(key, b"-")
    outcome = RunOutcome(
        status=RunStatus.SUCCESS, flow_id="f", slot=SLOT, completed_at=SLOT + timedelta(seconds=5), records=2
    )
    sets = take_inventory(EXPECTATION, RunWindow.of(outcome, SLOT), reader)
    return sorted(each.folder for each in sets if each.found)


@pytest.mark.parametrize("minute", ["1458", "1503"])
def test_what_the_run_before_or_after_has_written_is_not_this_ones(minute: str) -> None:
    """A dataset without anything new has no folder of this run; its last one may be a minute old."""
    assert found("planes/exportTime=202703091500/part-0", f"ports/exportTime=20270309{minute}/part-0") == [
        "planes/exportTime=202703091500"
    ]


def test_where_nothing_fits_the_clocks_may_differ() -> None:
    assert found("planes/exportTime=202703091458/part-0", "ports/exportTime=202703091458/part-0") == [
        "planes/exportTime=202703091458",
        "ports/exportTime=202703091458",
    ]
