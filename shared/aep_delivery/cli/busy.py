"""What moves on a terminal while something takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from aep_delivery.verification.receipt.figures import visible


class Busy:
    """A line with what is going on, how far it is and how long it takes; nothing of it stays.

    Where the console is no terminal, or a dumb one, nothing is shown at all.

    Args:
        console: Where to.
        text: What is going on.
        total: How many steps it has; None where that is not known.
        wanted: False for nothing in any case.
    """

    def __init__(self, console: Console, text: str, total: int | None, *, wanted: bool) -> None:
        self._shown = wanted and console.is_terminal and not console.is_dumb_terminal
        # Standard output may be a pipe while standard error is a terminal: it must not be led through this one.
        self._progress = Progress(
            *_columns(console, counted=total is not None),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task(visible(text), total=total)

    def __enter__(self) -> Self:
        self._resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pause()

    def tell(self, text: str) -> None:
        """Something else is going on from here."""
        self._progress.update(self._task, description=visible(text))

    def advance(self) -> None:
        """One more of the steps is done."""
        self._progress.advance(self._task)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A context in which others may write to the terminal."""
        self._pause()
        try:
            yield
        finally:
            self._resume()

    def _resume(self) -> None:
        if self._shown:
            self._progress.start()

    def _pause(self) -> None:
        # It ends in an empty line where there is no terminal.
        if self._shown:
            self._progress.stop()


def _columns(console: Console, *, counted: bool) -> list[ProgressColumn]:
    spinner = SpinnerColumn("line" if console.options.ascii_only else "dots")
    how_far: list[ProgressColumn] = [BarColumn(bar_width=20), MofNCompleteColumn()] if counted else []
    return [spinner, TextColumn("{task.description}", markup=False), *how_far, TimeElapsedColumn()]
