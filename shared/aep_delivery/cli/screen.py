"""Where commands write to: text for people or one JSON document for programs, and notes beside it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from typing import Any, TextIO

from pydantic import BaseModel
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aep_delivery.cli.busy import Busy
from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.runtime.errors import DeliveryError, ErrorDocument
from aep_delivery.runtime.log import logger
from aep_delivery.verification.receipt.figures import visible

WIDE = 250
"""Columns where nobody's terminal sets a limit: what is piped on must not be cut."""


_GAP = 2
"""Blanks between two columns."""


class Screen:
    """Standard output and standard error of one command.

    Rich leaves colours out where it writes to no terminal or ``NO_COLOR`` is set. Whatever is written as text has its
    control characters made visible: names come from other people.

    Args:
        as_json: Standard output is for the one document; text is dropped.
        debug: The product's log goes to standard error instead of nowhere.
    """

    def __init__(self, *, as_json: bool, debug: bool = False) -> None:
        self.as_json = as_json
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(highlight=False, soft_wrap=True, stderr=True)
        if not self._out.is_terminal:
            self._out.width = WIDE
        self._busy: Busy | None = None
        _write_anything(sys.stdout, encoding="utf-8" if as_json else None)
        _write_anything(sys.stderr)
        log_to_stderr(wanted=debug)

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.as_json and sys.stdin.isatty() and self._out.is_terminal

    def text(self, text: str, style: str = "") -> None:
        """Write lines for people."""
        if not self.as_json:
            with self._paused():
                for line in text.splitlines() or [""]:
                    self._out.print(Text(visible(line), style=style))

    def table(self, header: list[str], rows: list[list[str]]) -> None:
        """Write rows for people: in columns or, where a terminal is too narrow for these, field below field."""
        if self.as_json:
            return
        wide = [max(map(cell_len, column)) for column in zip(header, *rows, strict=True)]
        if self._out.is_terminal and sum(wide) + _GAP * (len(wide) - 1) > self._out.width:
            self._records(header, rows)
            return
        table = Table(*header, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(Text(visible(cell), no_wrap=True, overflow="fold") for cell in row))
        with self._paused():
            self._out.print(table)

    def _records(self, header: list[str], rows: list[list[str]]) -> None:
        names = max(map(cell_len, header)) + _GAP
        for number, row in enumerate(rows):
            if number:
                self.text("")
            for name, cell in zip(header, row, strict=True):
                self.text(f"{name:<{names}}{cell}")

    def note(self, text: str, style: str = "") -> None:
        """Write lines for people to standard error: they are no part of the result."""
        if not self.as_json:
            with self._paused():
                for line in text.splitlines():
                    self._err.print(Text(visible(line), style=style))

    def document(self, document: BaseModel | dict[str, Any]) -> None:
        """Write the one JSON document, where that is wanted."""
        if self.as_json:
            data = document.model_dump(mode="json", by_alias=True) if isinstance(document, BaseModel) else document
            self.json(json.dumps(data, indent=2, ensure_ascii=False) + "\n")

    def json(self, text: str) -> None:
        """Write the one JSON document as text, where that is wanted."""
        if self.as_json:
            sys.stdout.write(text)

    def error(self, error: DeliveryError) -> None:
        """Write an error: a config's diagnostics as a compiler's, any other as its sentence and hint."""
        if isinstance(error, ConfigError) and not self.as_json:
            self.note(render(error.diagnostics))
        else:
            self.failure(error.document())

    def failure(self, document: ErrorDocument) -> None:
        """Write an error that comes as a document."""
        self.document(document)
        head, _, rest = document.as_text().partition("\n")
        self.note(head, style="bold red")
        self.note(rest)

    @contextmanager
    def busy(self, text: str, total: int | None = None) -> Iterator[Busy]:
        """A context that shows a terminal what is going on, on standard error: it is no part of the result.

        Args:
            text: What is going on.
            total: How many steps it has; None where that is not known.
        """
        with Busy(self._err, text, total, wanted=not self.as_json) as busy:
            self._busy = busy
            try:
                yield busy
            finally:
                self._busy = None

    @contextmanager
    def _paused(self) -> Iterator[None]:
        # What moves on a terminal and what is written there must not meet.
        with self._busy.paused() if self._busy else nullcontext():
            yield


def _write_anything(stream: TextIO, encoding: str | None = None) -> None:
    """Let a stream of a foreign locale spell what it has no character for. JSON is UTF-8 everywhere."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors="backslashreplace")


def log_to_stderr(*, wanted: bool) -> None:
    """Let the product's log go to standard error, or nowhere: standard output is for results."""
    logger.setLevel(logging.DEBUG if wanted else logging.CRITICAL)
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.stream = sys.stderr
