from __future__ import annotations

import threading

import pytest
from rich.console import Console

from aep_delivery.cli import check_progress
from aep_delivery.cli.check_progress import CheckProgress
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.loose_files.gathering import LooseFile
from aep_delivery.verification.loose_files.kinds import Kind


@pytest.mark.parametrize(
    ("terminal", "wanted", "shown"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_bar_for_whoever_waits_at_a_terminal(
    terminal: bool, wanted: bool, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_progress, "Console", lambda **_: Console(stderr=True, force_terminal=terminal))
    file = LooseFile(0, MemoryReader().put("a", b"x" * 2048), "a", Kind())
    threads = threading.active_count()
    with CheckProgress(wanted=wanted) as progress:
        progress.begin(1, 2048)
        progress.done(file)
        assert threading.active_count() == threads
    told = capsys.readouterr()
    assert told.out == ""
    assert ("1 file" in told.err) == shown
