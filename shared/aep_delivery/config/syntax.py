"""Says what is wrong with a text that is no YAML, in words of the text instead of the parser's.

The parser notices a mistake where it can no longer go on, which is often a line late. Four slips make most of them:
a line indented unlike its neighbours, a forgotten ``:``, and no blank behind a ``:`` or a ``-``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from aep_delivery.config.masking import masked_raw_line, printable, shown_name
from aep_delivery.config.positions import Span

_UNLIKE_NEIGHBOURS = "expected <block end>, but found"
_NO_COLON = "could not find expected ':'"
_SECOND_COLON = "mapping values are not allowed here"

_START = re.compile(r" *(?:- +)*")
_NAME = r"[A-Za-z_$][\w.$-]*"
_FIELD = re.compile(rf"{_NAME}:(?: +|$)")
_ONE_WORD = re.compile(_NAME)
_GLUED_VALUE = re.compile(rf"({_NAME}):(?!//)(\S.*)")
_GLUED_DASH = re.compile(rf"-{_NAME}:(?: |$)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_LONG_VALUE = "|>\"'[{"
"""What starts a value that may go on for lines, where indentation means nothing."""


class Explanation(NamedTuple):
    """What to tell instead of the parser's message."""

    message: str
    hint: str
    span: Span


def explain(lines: list[str], error: MarkedYAMLError) -> Explanation | None:
    """What is wrong with a text, as its author would say it; None where only the parser's words are left.

    Args:
        lines: The text.
        error: What the parser said of it.
    """
    problem, mark, context = str(error.problem), error.problem_mark, error.context_mark
    if problem == _NO_COLON and context is not None:
        return _of_dash(lines, context.line) or _of_colon(lines, context.line)
    if mark is None or mark.line >= len(lines):
        return None
    before = _above(lines, mark.line)
    if problem.startswith(_UNLIKE_NEIGHBOURS):
        return _of_dash(lines, mark.line) or _of_neighbours(lines, mark.line) or _of_depth(lines, mark.line, before)
    # The first `: ` of its line is a mistake of the line before.
    if problem != _SECOND_COLON or before is None or ": " in lines[mark.line][: mark.column]:
        return None
    deeper = _start(lines[before]) > _start(lines[mark.line])
    slip = _of_dash(lines, before) or (None if deeper else _of_colon(lines, before))
    return slip or _of_depth(lines, mark.line, before)


def _code(line: str) -> str:
    """The line without its comment."""
    return _COMMENT.sub("", line).rstrip()


def _start(line: str) -> int:
    """Where a line's text starts, behind its indentation and dashes."""
    found = _START.match(line)
    return found.end() if found else 0


def _above(lines: list[str], number: int) -> int | None:
    """The nearest line above with more than a comment."""
    return next((each for each in reversed(range(number)) if _code(lines[each])), None)


def _of_dash(lines: list[str], number: int) -> Explanation | None:
    start = len(lines[number]) - len(lines[number].lstrip(" "))
    if not _GLUED_DASH.match(lines[number], start):
        return None
    hint = "Write `- ` before the first field of an item."
    return Explanation("a blank is missing after '-'", hint, Span(number, start, number, start + 1))


def _of_colon(lines: list[str], number: int) -> Explanation | None:
    text = _code(lines[number])
    start = _start(text)
    if _ONE_WORD.fullmatch(text, start):
        name = shown_name(text[start:]) if _is_shown(lines, number) else "this word"
        after = f"'{name}'" if name != "this word" else name
        hint = f"Write `{name}: …`." if name != "this word" else "Write `name: value`."
        return Explanation(f"a ':' is missing after {after}", hint, Span(number, start, number, len(text)))
    glued = _GLUED_VALUE.fullmatch(text, start)
    if glued is None or ": " in text or text.endswith(":"):
        return None
    name, value = (shown_name(glued[1]), printable(glued[2], 60)) if _is_shown(lines, number) else ("name", "value")
    column = glued.start(2)
    span = Span(number, column, number, column + 1)
    return Explanation("a blank is missing after ':'", f"Write `{name}: {value}`.", span)


def _is_shown(lines: list[str], number: int) -> bool:
    return masked_raw_line(lines, number) == lines[number]


def _of_neighbours(lines: list[str], number: int) -> Explanation | None:
    """A line that ends one section and is in none: its indentation is nobody's."""
    indent = len(lines[number]) - len(lines[number].lstrip(" "))
    like, wanted = 0, 0
    for above in reversed(range(number)):
        if not _code(lines[above]):
            continue
        outer, inner = len(lines[above]) - len(lines[above].lstrip(" ")), _start(lines[above])
        nearest = min((column for column in (outer, inner) if column > indent), default=None)
        if nearest is not None and (not wanted or nearest < wanted):
            like, wanted = above, nearest
        if outer <= indent:
            if outer == indent:
                return None
            break
    if not wanted:
        return None
    return Explanation(
        f"this line is indented by {indent}, its neighbours by {wanted}",
        f"Indent it by {wanted}, like line {like + 1}.",
        Span(number, indent, number, len(_code(lines[number]))),
    )


def _of_depth(lines: list[str], number: int, before: int | None) -> Explanation | None:
    """A line below a field that has a value already."""
    field = None if before is None else _FIELD.match(lines[before], _start(lines[before]))
    value = _code(lines[before])[field.end() :] if field and before is not None else ""
    if field is None or before is None or not value or value[0] in _LONG_VALUE:
        return None
    indent, wanted = len(lines[number]) - len(lines[number].lstrip(" ")), field.start()
    if indent <= wanted:
        return None
    return Explanation(
        f"is indented deeper than line {before + 1}, which has a value already",
        f"Indent it by {wanted}, like line {before + 1}." if wanted else "Take the blanks before it away.",
        Span(number, indent, number, len(_code(lines[number]))),
    )
