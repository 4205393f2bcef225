"""The JSON of an answer: only what can be walked and written again, whatever else a parser would take."""

from __future__ import annotations

import json
from typing import NoReturn

from pydantic import JsonValue

MAX_VALUES = 1_000_000
"""An empty list takes 2 bytes in a body and 56 once it is read."""
MAX_DEPTH = 100
"""What answers are read with calls itself for each level."""


def read_json(content: bytes) -> JsonValue:
    """The JSON of a body.

    Args:
        content: The body, unpacked.

    Returns:
        What it holds, fit to be walked and written again: no half characters, no numbers that are none.

    Raises:
        ValueError: It is no JSON, or too much of it.
    """
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise ValueError("too many values")
    try:
        parsed: JsonValue = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _check_depth(parsed)
    if b"\\u" in content:
        json.dumps(parsed, ensure_ascii=False).encode()
    return parsed


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _check_depth(parsed: JsonValue) -> None:
    level = [parsed]
    for _ in range(MAX_DEPTH):
        below: list[JsonValue] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            return
        level = below
    raise ValueError("nested too deep")
