"""Folder templates: where the files of one run must lie.

A template becomes a pattern whose date macros are named groups. A folder belongs to a run when its time lies between
the slot and the end of the run, both cut to what the template can say (the minute for ``%EXPORT_TIME%``, the second
for ``%DATETIME(YYYYMMdd_HHmmss)%``). Adobe does not document whether a folder is named after the slot or the moment
the export began; both lie in between. Adobe: "Export datasets to cloud storage destinations", folder names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile

from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.expectation import Expectation, ExpectedDataset

DEFAULT_TEMPLATE = "%DATASET_ID%/%EXPORT_TIME%"
_MACRO = re.compile(r"%([A-Z_]+)(?:\(([^()%]*)\))?%")
_UNSAFE = re.compile(r"[^0-9A-Za-z!\-_.*'()]+")
"""What cannot be told how it looks in a folder's name."""
_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_LETTERS = {"YYYY": "year", "yyyy": "year", "MM": "month", "dd": "day", "HH": "hour", "mm": "minute", "ss": "second"}

Moment = tuple[int, ...]
"""Year, month, day, … as far as a template says them."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a rendered template: literal text, one field of a time, or (neither) any text without a slash."""

    literal: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key lies."""

    folder: str
    name: str
    moment: Moment
    """Empty where the template has no usable date."""


class FolderPattern:
    """The folders of one dataset, over all its runs.

    Args:
        tokens: The path and the rendered template, up to the last folder.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        named = {token.field for token in tokens if token.field}
        depth = next((index for index, field in enumerate(_FIELDS) if field not in named), len(_FIELDS))
        self._known = _FIELDS[:depth]
        seen: set[str] = set()
        expression = "".join(_expression(token, seen) for token in tokens)
        self._regex = re.compile(f"(?P<folder>{expression})(?P<name>[^/]*)", re.DOTALL)

    @property
    def dated(self) -> bool:
        """True where the folder tells runs apart."""
        return bool(self._known)

    @property
    def text(self) -> str:
        """The pattern for a person: ``exports/5ef3/exportTime=<year><month><day><hour><minute>``."""
        parts = (token.literal or f"<{token.field or 'any'}>" for token in self.tokens)
        return "".join(parts).rstrip("/")

    def place(self, key: str) -> Place | None:
        """Where `key` lies, or None where it lies outside these folders or deeper than they go."""
        found = self._regex.fullmatch(key)
        if not found:
            return None
        moment = tuple(int(found[field]) for field in self._known)
        return Place(folder=found["folder"].rstrip("/"), name=found["name"], moment=moment)

    def moment(self, time: datetime) -> Moment:
        """`time` (aware, UTC) cut to what the template says."""
        return tuple(int(getattr(time, field)) for field in self._known)

    def list_prefix(self, earliest: datetime, latest: datetime) -> str:
        """The longest text that every key of a folder between these two times starts with."""
        prefix, open_fields = "", list(_FIELDS)
        for token in self.tokens:
            if token.literal:
                prefix += token.literal
            elif open_fields and token.field == open_fields[0]:
                first, last = _digits(earliest, token.field), _digits(latest, token.field)
                if first != last:
                    return prefix + _common_start(first, last)
                prefix += first
                open_fields.pop(0)
            else:
                return prefix
        return prefix


def folder_pattern(expectation: Expectation, dataset: ExpectedDataset) -> FolderPattern:
    """The pattern of the folders of `dataset`.

    Raises:
        UserError: The template has a macro or a date pattern Adobe does not have.
    """
    template = DEFAULT_TEMPLATE if expectation.foldername_template is None else expectation.foldername_template
    values = {
        "DATASET_ID": dataset.id,
        "DATASET_NAME": dataset.name,
        "DESTINATION": expectation.destination_name,
        "DESTINATION_INSTANCE_ID": expectation.destination_instance_id,
        "DESTINATION_INSTANCE_NAME": expectation.destination_instance_name,
        "SANDBOX_NAME": expectation.sandbox_name,
        "ORGANIZATION_NAME": expectation.organization_name,
    }
    tokens: list[Token] = []
    for part in (expectation.path.strip("/"), template.strip("/")):
        if part:
            tokens += [*_tokens(part, values), Token(literal="/")]
    return FolderPattern(_merged(tokens))


def _tokens(text: str, values: dict[str, str | None]) -> list[Token]:
    tokens, end = [], 0
    for macro in _MACRO.finditer(text):
        if macro.start() > end:
            tokens.append(Token(literal=text[end : macro.start()]))
        tokens += _macro(macro[1], macro[2], values)
        end = macro.end()
    if end < len(text):
        tokens.append(Token(literal=text[end:]))
    return tokens


def _macro(name: str, argument: str | None, values: dict[str, str | None]) -> list[Token]:
    if name == "EXPORT_TIME" and argument is None:
        return [Token(literal="exportTime="), *_date("YYYYMMddHHmm")]
    if name == "DATETIME" and argument:
        return _date(argument)
    if name in values and argument is None:
        return _name(values[name])
    raise UserError(
        f"%{name}% is not a macro of dataset folder names.",
        code="verification.unknown-folder-macro",
        hint=f"Use {', '.join(sorted(values))}, EXPORT_TIME or DATETIME(YYYYMMdd_HHmmss).",
        place="scheduleParams.foldernameTemplate",
    )


def _name(value: str | None) -> list[Token]:
    """A name as a folder. Adobe does not say what becomes of blanks and the like, so anything may stand for them."""
    if value is None:
        return [Token()]
    tokens: list[Token] = []
    for index, part in enumerate(_UNSAFE.split(value)):
        if index:
            tokens.append(Token())
        if part:
            tokens.append(Token(literal=part))
    return tokens


def _date(pattern: str) -> list[Token]:
    tokens = []
    for is_letter, group in groupby(pattern, key=lambda letter: letter if letter.isalpha() else ""):
        run = "".join(group)
        if not is_letter:
            tokens.append(Token(literal=run))
        elif run in _LETTERS:
            tokens.append(Token(field=_LETTERS[run]))
        else:
            raise UserError(
                f"{run} is not known in the date pattern of a folder name.",
                code="verification.unknown-date-pattern",
                hint=f"Use {', '.join(_LETTERS)}.",
                place="scheduleParams.foldernameTemplate",
            )
    return tokens


def _merged(tokens: list[Token]) -> tuple[Token, ...]:
    merged: list[Token] = []
    for token in tokens:
        if token.literal and merged and merged[-1].literal:
            merged[-1] = Token(literal=merged[-1].literal + token.literal)
        else:
            merged.append(token)
    return tuple(merged)


def _expression(token: Token, seen: set[str]) -> str:
    if token.literal:
        return re.escape(token.literal)
    if not token.field:
        return "[^/]*"
    if token.field in seen:
        return f"(?P={token.field})"
    seen.add(token.field)
    return f"(?P<{token.field}>[0-9]{{{_width(token.field)}}})"


def _width(field: str) -> int:
    return 4 if field == "year" else 2


def _common_start(first: str, last: str) -> str:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=True))
    return "".join(letter for letter, _ in same)


def _digits(time: datetime, field: str) -> str:
    return f"{getattr(time, field):0{_width(field)}}"
