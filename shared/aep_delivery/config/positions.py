"""A config file as text with positions: plain data, and for every field the line and column it stands at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from aep_delivery.config.diagnostics import Diagnostic, window
from aep_delivery.config.masking import MASK, looks_secret, masked_raw_line, names_secret, printable, shown_name

Path: TypeAlias = tuple[str | int, ...]
Plain: TypeAlias = bool | int | float | str | list["Plain"] | dict[str, "Plain"] | None

_LONGEST_NAME = 255
"""Characters of a file's name; in a bucket it may hold any."""
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Span(NamedTuple):
    """A stretch of the text; lines and columns from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Slip(NamedTuple):
    """Something wrong with the text that did not keep it from being read."""

    code: str
    message: str
    hint: str
    span: Span
    path: Path


def split_lines(text: str) -> list[str]:
    """The lines as YAML counts them."""
    return _LINE_BREAK.split(text)


def spell(path: Path) -> str:
    """A path as users read it: ``datasets[1].id``."""
    spelled = ""
    for step in path:
        spelled += f"[{step}]" if isinstance(step, int) else f".{shown_name(step)}"
    return spelled.removeprefix(".")


def is_private(path: Path) -> bool:
    """True where a field usually holds a secret, or lies in a section that does."""
    return any(isinstance(step, str) and names_secret(step) for step in path)


def child(data: object, step: str | int, default: object = None) -> object:
    """What lies one step further down; ``default`` where there is nothing."""
    if isinstance(data, dict):
        return data.get(step, default)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return default


@dataclass
class Source:
    """What ``parse_source`` found.

    Attributes:
        name: The file's name or object key, for messages.
        lines: The text.
        data: The content as plain data. Times stay text.
        keys: Where the name of each field stands.
        values: Where the value of each field and list item stands.
        scalars: The paths whose value is a single text, number, boolean or nothing.
        hidden: Fields whose values no excerpt may show, with everything below them.
        spoken: Fields whose values may be shown though their names say otherwise: they are words of a closed list.
        masks: Further stretches that no excerpt may show.
        slips: What is wrong with the text but did not keep it from being read.
    """

    name: str
    lines: list[str]
    data: Plain = None
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    scalars: list[Path] = field(default_factory=list)
    hidden: set[Path] = field(default_factory=set)
    spoken: set[Path] = field(default_factory=set)
    masks: list[Span] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)

    def positions(self) -> dict[str, tuple[int, int]]:
        """Line and column, from 1, of every field by its spelled path: of its value, of its name for a section."""
        single = set(self.scalars)
        return {
            spell(path): (span.line + 1, span.column + 1)
            for path, value in self.values.items()
            if path
            for span in [value if path in single else self.keys.get(path, value)]
        }

    def diagnostic(
        self, code: str, message: str, hint: str | None, span: Span, path: Path = (), *, parsed: bool = True
    ) -> Diagnostic:
        """A diagnostic at a place of this text. What is hidden must be known before the first one is made.

        Args:
            code: Stable code.
            message: Half a sentence.
            hint: What to write instead.
            span: Where.
            path: The field, where it is about one.
            parsed: False where the text has no fields yet, so that masking has only the bare line to go by.
        """
        # An empty document and an unclosed quote end behind the last line: point at the last one with text.
        line = min(span.line, len(self.lines) - 1)
        while line > 0 and not self.lines[line].strip():
            line -= 1
        moved = line != span.line
        raw = self.lines[line]
        column = len(raw) if moved else span.column
        end = span.end_column if span.end_line == span.line and not moved else column + 1
        if parsed:
            excerpt, caret, end = self._masked(line, raw, column, end)
        else:
            excerpt, caret = masked_raw_line(self.lines, line), column
        width = max(1, min(end, len(excerpt)) - caret)
        excerpt, caret = window(excerpt, min(caret, len(excerpt)))
        return Diagnostic(
            code=code,
            message=message,
            hint=hint,
            path=spell(path),
            source=printable(self.name, _LONGEST_NAME),
            line=line + 1,
            column=column + 1,
            excerpt=printable(excerpt.replace("\t", " "), len(excerpt)) if raw.strip() else None,
            caret=caret,
            width=max(1, min(width, len(excerpt) - caret)),
        )

    def _masked(self, line: int, raw: str, column: int, end: int) -> tuple[str, int, int]:
        """The line with sensitive values replaced, and the columns moved with it."""
        text, done, moved_column, moved_end = "", 0, column, end
        for start, stop in self._sensitive.get(line, []):
            if start < done or start == stop:
                continue
            text += raw[done:start] + MASK
            done = stop
            shift = len(MASK) - (stop - start)
            moved_column += shift if stop <= column else 0
            moved_end += shift if stop <= end else 0
        return text + raw[done:], moved_column, moved_end

    @cached_property
    def _sensitive(self) -> dict[int, list[tuple[int, int]]]:
        """By line: the stretches, from column to column, that no excerpt may show."""
        hidden = (self.values[path] for path in self.scalars if self._must_hide(path))
        names = (span for path, span in self.keys.items() if looks_secret(str(path[-1])))
        stretches: dict[int, list[tuple[int, int]]] = {}
        for span in (*self.masks, *hidden, *names):
            for line in range(span.line, span.end_line + 1):
                start = span.column if line == span.line else 0
                stop = span.end_column if line == span.end_line else len(self.lines[line])
                stretches.setdefault(line, []).append((start, stop))
        return {line: sorted(found) for line, found in stretches.items()}

    def _must_hide(self, path: Path) -> bool:
        if any(path[:length] in self.hidden for length in range(1, len(path) + 1)):
            return True
        if path in self.spoken:
            return False
        if is_private(path):
            return True
        span = self.values[path]
        end = span.end_column if span.end_line == span.line else None
        return looks_secret(self.lines[span.line][span.column : end].strip("\"'"))
