"""Adobe's templates as patterns: literal text, the fields of a time, and whatever is not known.

A name whose look in storage is not known, because Adobe does not say what becomes of blanks and the like, or because
the value itself is not known here, matches any text without a slash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from aep_delivery.runtime.errors import UserError

FIELDS = ("year", "month", "day", "hour", "minute", "second")
EPOCH = "epoch"
"""The field of a time in seconds, or milliseconds, since 1970."""
_LETTERS = {"YYYY": "year", "yyyy": "year", "MM": "month", "dd": "day", "HH": "hour", "mm": "minute", "ss": "second"}
_MACRO = re.compile(r"%([A-Z_]+)(?:\(([^()%]*)\))?%")
_UNSAFE = re.compile(r"[^0-9A-Za-z!\-_.*'()]+")
"""What cannot be told how it looks in a folder's or a file's name."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a rendered template: literal text, one field of a time, or (neither) any text without a slash."""

    literal: str = ""
    field: str = ""
    """One of :data:`FIELDS`, or :data:`EPOCH`."""

    @property
    def known(self) -> bool:
        """False where it matches any text."""
        return bool(self.literal or self.field)


@dataclass(frozen=True, slots=True)
class Macros:
    """What may stand between percent signs.

    Args:
        values: Macros that stand for a name; None where the name is not known.
        times: Macros that stand for a moment, rendered.
        of: What the template names, for errors: ``folder`` or ``file``.
        place: The template's field in Adobe's words.
        unknown: The code of the error for a macro that is none of these.
    """

    values: Mapping[str, str | None]
    times: Mapping[str, tuple[Token, ...]]
    of: str
    place: str
    unknown: str

    def tokens(self, template: str) -> list[Token]:
        """The pieces of `template`, in order.

        Raises:
            UserError: The macro or its date pattern is not known.
        """
        tokens, end = [], 0
        for macro in _MACRO.finditer(template):
            if macro.start() > end:
                tokens.append(Token(literal=template[end : macro.start()]))
            tokens += self._macro(macro[1], macro[2])
            end = macro.end()
        if end < len(template):
            tokens.append(Token(literal=template[end:]))
        return tokens

    def _macro(self, name: str, argument: str | None) -> Iterable[Token]:
        if name == "DATETIME" and argument:
            return self._date(argument)
        if name in self.times and argument is None:
            return self.times[name]
        if name in self.values and argument is None:
            return name_tokens(self.values[name])
        raise UserError(
            f"%{name}% is not a macro of {self.of} names.",
            code=self.unknown,
            hint=f"Use {', '.join(sorted({*self.values, *self.times}))} or DATETIME(YYYYMMdd_HHmmss).",
            place=self.place,
        )

    def _date(self, pattern: str) -> list[Token]:
        try:
            return date_tokens(pattern)
        except LookupError as unknown:
            raise UserError(
                f"{unknown.args[0]} is not known in the date pattern of a {self.of} name.",
                code="verification.unknown-date-pattern",
                hint=f"Use {', '.join(_LETTERS)}.",
                place=self.place,
            ) from None


def date_tokens(pattern: str) -> list[Token]:
    """The pieces of a date pattern such as ``YYYYMMdd_HHmmss``. Raises ``LookupError`` for letters it does not know."""
    tokens = []
    for is_letter, group in groupby(pattern, key=lambda letter: letter if letter.isalpha() else ""):
        run = "".join(group)
        if not is_letter:
            tokens.append(Token(literal=run))
        elif run in _LETTERS:
            tokens.append(Token(field=_LETTERS[run]))
        else:
            raise LookupError(run)
    return tokens


def name_tokens(value: str | None) -> list[Token]:
    """A name as it stands in a path; anything may stand for what Adobe may have replaced."""
    if value is None:
        return [Token()]
    tokens: list[Token] = []
    for index, part in enumerate(_UNSAFE.split(value)):
        if index:
            tokens.append(Token())
        if part:
            tokens.append(Token(literal=part))
    return tokens


def merged(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """`tokens` with neighbouring literals joined."""
    joined: list[Token] = []
    for token in tokens:
        if token.literal and joined and joined[-1].literal:
            joined[-1] = Token(literal=joined[-1].literal + token.literal)
        else:
            joined.append(token)
    return tuple(joined)


def expression(tokens: Iterable[Token], seen: set[str]) -> str:
    """A regular expression for `tokens`, each field of a time a named group.

    Args:
        tokens: The pieces.
        seen: Fields that have a group already; those of `tokens` are added. They stand for the same text.
    """
    return "".join(_part(token, seen) for token in tokens)


def text(tokens: Iterable[Token]) -> str:
    """`tokens` for a person: ``exports/5ef3/exportTime=<year><month><day><hour><minute>``."""
    return "".join(token.literal or f"<{token.field or 'any'}>" for token in tokens)


def width(field: str) -> int:
    """How many digits a field of a time has."""
    return 4 if field == "year" else 2


def _part(token: Token, seen: set[str]) -> str:
    if token.literal:
        return re.escape(token.literal)
    if not token.field:
        # As little as fits: what follows an unknown name, such as the number of a file, is told from it.
        return "[^/]*?"
    if token.field in seen:
        return f"(?P={token.field})"
    seen.add(token.field)
    digits = "[0-9]{10}(?:[0-9]{3})?" if token.field == EPOCH else f"[0-9]{{{width(token.field)}}}"
    return f"(?P<{token.field}>{digits})"
