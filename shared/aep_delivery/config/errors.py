"""The error that a config with findings ends in."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.config.diagnostics import Diagnostic
from aep_delivery.runtime.errors import UserError

MAX_RENDERED = 25
"""Diagnostics that go into ``details``: an error travels through Step Functions, whose Cause ends at 32 KiB."""


class ConfigError(UserError):
    """The config has mistakes. Raised with all of them, file by file and in the order of the file.

    Args:
        diagnostics: One or more, sorted.
        omitted: How many more there are.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], *, omitted: int = 0) -> None:
        first = diagnostics[0]
        others = len(diagnostics) + omitted - 1
        where = "this file" if len({diagnostic.source for diagnostic in diagnostics}) == 1 else "these files"
        more = f" ({others} more finding{'s' if others > 1 else ''} in {where})" if others else ""
        details = [line for diagnostic in diagnostics[:MAX_RENDERED] for line in diagnostic.lines()]
        if others >= MAX_RENDERED:
            details.append(f"… and {others + 1 - MAX_RENDERED} more")
        super().__init__(
            f"{first.sentence}{more}", code=first.code, hint=first.hint, place=first.place, details=details
        )
        self.diagnostics = list(diagnostics)
