"""Sound deliveries of every form and every writer are verified: there are no false alarms."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.clean import HARMLESS, clean, large
from tests.proof.corruption.contents import seeded
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.forms import Form
from tests.proof.corruption.verifying import errors, remarks, seconds_to_divide, told, verify
from tests.proof.figures import PROOF, write_figures

_SHORT, _LONG = 30, 1000
_LARGE = (
    Form("audiences", "JSON", "GZIP", count=1),
    Form("audiences", "CSV", "GZIP", count=1),
    Form("audiences", "JSON", "NONE", count=1),
    Form("audiences", "CSV", "NONE", count=1),
    Form("audiences", "PARQUET", "GZIP", count=1),
)


@dataclass
class Tally:
    """What was said of many sound deliveries."""

    figures: Counter[str] = field(default_factory=Counter)
    forms: set[str] = field(default_factory=set)
    alarms: list[str] = field(default_factory=list)

    def add(self, number: int, delivery: Delivery) -> None:
        """Verify one by one function, and once more with its largest file shared by several."""
        expected = Verdict.VERIFIED if delivery.outcome.records else Verdict.EMPTY
        report = verify(delivery)
        self.forms.add(str(delivery.form))
        self.figures.update(deliveries=1, files=report.file_count, rows=report.rows, bytes=report.bytes)
        self.figures[str(report.verdict)] += 1
        loud = errors(report) | (remarks(report) - HARMLESS)
        if report.verdict is not expected or loud:
            self.alarms.append(f"{number}, {delivery.form}: {report.verdict} for {sorted(loud)}: {report.reason}")
        if not any(delivery.files[key] for key in delivery.data):
            return
        shared = verify(delivery, seconds_to_divide(delivery))
        if "file.too-large-to-check" in remarks(shared):
            # Encrypted, so that only one function can read it, and it is as good as its frame.
            same = (shared.verdict, errors(shared)) == (report.verdict, errors(report))
        else:
            same = told(shared) == told(report)
            self.figures["divided"] += any(len(file.parts) > 1 for export in shared.exports for file in export.files)
        if not same:
            self.alarms.append(f"{number}, {delivery.form}: in parts {shared.verdict}: {shared.reason}")


def _draw(numbers: Iterable[int], folder: Path, most: int) -> Tally:
    tally = Tally()
    for number in numbers:
        lake = folder / str(number)
        lake.mkdir()
        tally.add(number, clean(seeded(number), lake, most))
    return tally


@pytest.mark.usefixtures("silence")
def test_a_sample_of_sound_deliveries_raises_no_alarm(tmp_path: Path) -> None:
    tally = _draw(range(_SHORT), tmp_path, 300)

    assert tally.alarms == []
    assert tally.figures["divided"] > _SHORT // 4
    assert len(tally.forms) > _SHORT // 4


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("silence")
def test_sound_deliveries_raise_no_alarm(tmp_path: Path) -> None:
    started = time.monotonic()
    tally = _draw(range(_LONG), tmp_path, 5000)
    for form in _LARGE:
        for number in range(4):
            tally.add(-number, large(seeded(number), form, 24_000))

    write_figures(
        "sound",
        sound=tally.figures["deliveries"],
        forms=len(tally.forms),
        files=tally.figures["files"],
        rows=tally.figures["rows"],
        bytes=tally.figures["bytes"],
        empty=tally.figures["EMPTY"],
        divided=tally.figures["divided"],
        alarms=len(tally.alarms),
        seconds=time.monotonic() - started,
    )
    assert tally.alarms == []
