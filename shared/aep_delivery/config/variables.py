"""Puts the values of variables where a text says ``${name}``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NamedTuple

from aep_delivery.config.base import Violation
from aep_delivery.config.masking import shown_name
from aep_delivery.config.parts import VARIABLE_NAME, Scalar

MAX_EXPANDED = 4096
"""Characters of a text with its variables in place: a small file must not grow into a large one."""
MAX_NAMED = 12
"""Variables that a hint names."""

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_WHOLE = re.compile(rf"\$\{{({VARIABLE_NAME})\}}")


class Expansion(NamedTuple):
    """A text with its variables in place.

    Attributes:
        value: The text; a number, true or false where the text was nothing but one variable that holds it.
        used: The variables it names.
        violation: What is wrong with the text, which then is left as it was.
    """

    value: Scalar
    used: tuple[str, ...] = ()
    violation: Violation | None = None


def expand(text: str, variables: Mapping[str, Scalar]) -> Expansion:
    """Replace the variables of one text.

    Args:
        text: As it stands in a file: ``${name}`` is a variable, ``$${`` stands for ``${``.
        variables: Name → value.
    """
    if "${" not in text:
        return Expansion(text)
    whole = _WHOLE.fullmatch(text)
    if whole and whole[1] in variables:
        return Expansion(variables[whole[1]], (whole[1],))
    used = []
    length = len(text)
    for token in _TOKEN.finditer(text):
        if token[0] == "$${":
            continue
        name = token[1]
        if name not in variables:
            return Expansion(text, violation=_unknown(name, variables))
        used.append(name)
        length += len(_spelled(variables[name]))
    if length > MAX_EXPANDED:
        message = f"is longer than {MAX_EXPANDED:,} characters with its variables"
        return Expansion(text, violation=Violation("config.too-long", message, "Shorten it."))
    value = _TOKEN.sub(lambda token: _spelled(variables[token[1]]) if token[1] else "${", text)
    return Expansion(value, tuple(dict.fromkeys(used)))


def _spelled(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unknown(name: str | None, variables: Mapping[str, Scalar]) -> Violation:
    if name is None or not re.fullmatch(VARIABLE_NAME, name):
        hint = "Write `${name}` for a variable, `$${` for the two characters themselves."
        return Violation("config.variable-syntax", "has a `${` that starts no variable", hint)
    close = difflib.get_close_matches(name, list(variables), n=1, cutoff=0.6)
    ending = f", did you mean ${{{close[0]}}}?" if close else ""
    names = sorted(variables)
    more = ", …" if len(names) > MAX_NAMED else ""
    hint = f"Defined: {', '.join(names[:MAX_NAMED])}{more}." if names else "No variables are defined."
    if not close:
        hint += " Define it under `variables`, or write `$${` for the two characters themselves."
    return Violation("config.variable-undefined", f"the variable `{shown_name(name)}` is not defined{ending}", hint)
