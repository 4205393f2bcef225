"""The spelling of a receipt's keys: snake_case in Python, camelCase in JSON, through every nested model alike."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import JsonValue

# Not pydantic's own generators: they take a digit for the end of a word ("sha256" -> "sha_256"), so they do not undo
# each other.
_JOINT = re.compile(r"_([a-z])")
_HUMP = re.compile(r"(?<=[A-Za-z0-9])([A-Z])")


def camel_name(name: str) -> str:
    """``storage_checksum`` -> ``storageChecksum``; a name that is camelCase already stays as it is."""
    return _JOINT.sub(lambda joint: joint[1].upper(), name)


def snake_name(name: str) -> str:
    """``storageChecksum`` -> ``storage_checksum``; undoes :func:`camel_name`."""
    return _HUMP.sub(lambda hump: f"_{hump[1].lower()}", name)


_BY_ID = {"audience_records", "audienceRecords"}
"""Fields whose keys are ids from outside, and no names of fields."""


def rename_keys(document: JsonValue, rename: Callable[[str], str]) -> JsonValue:
    """`document` with every key of every object renamed; values are left alone, and so are keys that are ids."""
    if isinstance(document, dict):
        return {rename(key): value if key in _BY_ID else rename_keys(value, rename) for key, value in document.items()}
    if isinstance(document, list):
        return [rename_keys(item, rename) for item in document]
    return document
