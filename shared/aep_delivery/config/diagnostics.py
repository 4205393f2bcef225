"""A finding in a config file, with its place, rendered as a compiler does."""

from __future__ import annotations

import unicodedata

from pydantic import BaseModel, ConfigDict

WINDOW = 110
"""Characters of a line that an excerpt shows: a JSON file may be a single line."""
_WIDE = ("W", "F")
_JOINING = ("Mn", "Me", "Cf")


class Diagnostic(BaseModel):
    """One thing that is wrong in a config file. Holds no value that may be a secret."""

    model_config = ConfigDict(frozen=True)

    code: str
    """Stable: ``config.unknown-field``."""
    message: str
    """What is wrong, in half a sentence after the path."""
    hint: str | None = None
    """What to write instead."""
    path: str = ""
    """The field: ``destination.bucketNam``, ``datasets[1].id``; empty where it is about the file."""
    source: str
    """The file's name or object key."""
    line: int
    """From 1."""
    column: int
    """In characters, from 1."""
    excerpt: str | None = None
    """The offending line, or the part around the mistake, with possible secrets masked; None for a blank line."""
    caret: int = 0
    """Where the mark under the excerpt starts, in characters from 0; masking may have moved it."""
    width: int = 1
    """The length of the mark in characters."""

    @property
    def place(self) -> str:
        """``crm.yaml:12:9``."""
        return f"{self.source}:{self.line}:{self.column}"

    @property
    def sentence(self) -> str:
        """Path and message."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def lines(self) -> list[str]:
        """The diagnostic as a person reads it: head, offending line, caret, hint."""
        rendered = [f"{self.place}: {self.sentence} [{self.code}]"]
        if self.excerpt is not None:
            text, caret = self.excerpt, self.caret
            number = f"{self.line:>5}"
            rendered.append(f"{number} | {text}".rstrip())
            before, marked = text[:caret], text[caret : caret + self.width]
            mark = "^" * max(1, columns_of(marked))
            rendered.append(f"{' ' * len(number)} | {' ' * columns_of(before)}{mark}")
        if self.hint:
            first, *block = self.hint.split("\n")
            rendered += [f"      = {first}", *(f"        {line}" for line in block)]
        return rendered


def render(diagnostics: list[Diagnostic]) -> str:
    """All diagnostics as text, ending in a newline."""
    return "".join("\n".join(diagnostic.lines()) + "\n" for diagnostic in diagnostics)


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: two for a wide character, none for one that joins the one before."""
    return sum(
        0
        if unicodedata.category(character) in _JOINING
        else 2
        if unicodedata.east_asian_width(character) in _WIDE
        else 1
        for character in text
    )


def window(text: str, caret: int) -> tuple[str, int]:
    """The part of a long line around the caret, and where the caret is in it."""
    if len(text) <= WINDOW:
        return text, caret
    start = max(0, min(caret - WINDOW // 3, len(text) - WINDOW))
    part = text[start : start + WINDOW]
    caret -= start
    if start:
        part = f"…{part}"
        caret += 1
    return (part if start + WINDOW >= len(text) else f"{part}…"), caret
