"""Where commands write to: text for people or one JSON document for programs, and notes beside it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.runtime.errors import DeliveryError, ErrorDocument
from aep_delivery.runtime.log import logger
from aep_delivery.verification.receipt.figures import visible

WIDE = 250
"""Columns where nobody's terminal sets a limit: what is piped on must not be cut."""


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
        self._spinner: Status | None = None
        log_to_stderr(wanted=debug)

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.as_json and sys.stdin.isatty() and self._out.is_terminal

    def text(self, text: str, style: str = "") -> None:
        """Write lines for people."""
        if not self.as_json:
            for line in text.splitlines() or [""]:
                self._out.print(Text(visible(line), style=style))

    def table(self, header: list[str], rows: list[list[str]]) -> None:
        """Write rows for people, in columns."""
        if self.as_json:
            return
        table = Table(*header, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(Text(visible(cell), no_wrap=True, overflow="fold") for cell in row))
        self._out.print(table)

    def note(self, text: str, style: str = "") -> None:
        """Write lines for people to standard error: they are no part of the result."""
        if not self.as_json:
            # The spinner knows of what passes through its own console only.
            with self._paused():
                for line in text.splitlines():
                    self._err.print(Text(visible(line), style=style))

    def document(self, document: BaseModel | dict[str, Any]) -> None:
        """Write the one JSON document, where that is wanted."""
        if self.as_json:
            data = document.model_dump(mode="json", by_alias=True) if isinstance(document, BaseModel) else document
            sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")

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
    def busy(self, text: str) -> Iterator[None]:
        """A context that shows a terminal that something is going on."""
        if self.as_json or not self._out.is_terminal:
            yield
            return
        with self._out.status(Text(visible(text))) as self._spinner:
            yield
        self._spinner = None

    @contextmanager
    def _paused(self) -> Iterator[None]:
        if self._spinner is None:
            yield
            return
        self._spinner.stop()
        yield
        self._spinner.start()


def log_to_stderr(*, wanted: bool) -> None:
    """Let the product's log go to standard error, or nowhere: standard output is for results."""
    logger.setLevel(logging.DEBUG if wanted else logging.CRITICAL)
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.stream = sys.stderr
