"""How far a check is, for whoever waits at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from aep_delivery.verification.loose_files.foreseen import Foreseen
from aep_delivery.verification.loose_files.gathering import LooseFile

_EVERY = 0.1
"""Seconds between two pictures."""


class CheckProgress:
    """A bar on standard error, where that is a terminal. It begins no thread: processes are forked beside it.

    Args:
        wanted: False for none in any case.
        told: Gets what the check will take, before the bar is there: it may ask.
    """

    def __init__(self, *, wanted: bool, told: Callable[[Foreseen], None] = lambda _: None) -> None:
        self._told = told
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not (wanted and console.is_terminal),
        )
        self._bytes = TaskID(0)
        self._shown = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress.live.is_started:
            self._progress.stop()

    def foresee(self, foreseen: Foreseen) -> None:
        """This is what it will take."""
        self._told(foreseen)

    def begin(self, files: int, size: int) -> None:
        """So many files of so many bytes are to be checked."""
        self._progress.start()
        self._bytes = self._progress.add_task(f"{files:,} files", total=size)
        self._progress.refresh()

    def done(self, file: LooseFile) -> None:
        """One of them is."""
        self._progress.advance(self._bytes, file.stored.size)
        if time.monotonic() - self._shown > _EVERY:
            self._shown = time.monotonic()
            self._progress.refresh()
