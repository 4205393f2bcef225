"""Turns what pydantic found into findings that a person understands, without the offending values."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from aep_delivery.config.advice import BLOCKS, SAME_MEANING, advise
from aep_delivery.config.base import RULE, Violation
from aep_delivery.config.masking import is_spoken, looks_secret, printable
from aep_delivery.config.positions import Path, child, is_private, spell
from aep_delivery.config.schema import closed_list, field_schema, homes, vocabulary

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "fields (`name: value`)",
    "model_attributes_type": "fields (`name: value`)",
    "dict_type": "fields (`name: value`)",
}
EMPTY_VALUE = "config.empty-value"
_DATASET_ID = re.compile(r"[0-9a-f]{24}")
_NUMBER = re.compile(r"[+-]?\d+")


@dataclass(frozen=True)
class Found:
    """One finding before it has a position.

    Attributes:
        path: The field, in the file's own names.
        violation: What to say.
        at_key: True where the field's name is the mistake, not its value.
        missing: True where the field is not there: its parent is the place.
        hide: True where the value must not be shown in an excerpt.
        meant: The field that a misspelled one stands for.
    """

    path: Path
    violation: Violation
    at_key: bool = False
    missing: bool = False
    hide: bool = False
    meant: Path | None = None


def translate(errors: list[ErrorDetails], data: object) -> list[Found]:
    """The findings of one validation.

    Args:
        errors: ``ValidationError.errors()``.
        data: What was validated.
    """
    found = [finding for error in errors for finding in _translate(error, data)]
    # "bucketName is missing" beside "bucketNam, did you mean bucketName?" says the same twice.
    misspelled = {finding.meant for finding in found}
    return [finding for finding in found if not (finding.missing and finding.path in misspelled)]


def _translate(error: ErrorDetails, data: object) -> Iterator[Found]:
    path, value = _locate(error, data)
    if error["type"] == RULE:
        for violation in error["ctx"]["violations"]:
            yield Found((*path, *violation.field), violation, at_key=violation.at_name)
    else:
        yield _TRANSLATORS.get(error["type"], _other)(error, path, value, data)


def spoken_type(value: object) -> str:
    """What a value is, in words."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "fields"


def empty_value(path: Path) -> Found:
    """The finding for a field without a value."""
    return Found(path, Violation(EMPTY_VALUE, "has no value", "Give it one, or remove the line."), at_key=bool(path))


def _locate(error: ErrorDetails, data: object) -> tuple[Path, object]:
    """The path in the file: pydantic's location without the union tags it puts in between, and the value there."""
    path: list[str | int] = []
    value = data
    absent = object()
    for index, step in enumerate(error["loc"]):
        below = child(value, step, absent)
        if below is not absent:
            value = below
        elif error["type"] == "missing" and index == len(error["loc"]) - 1:
            value = None
        else:
            continue
        path.append(step)
    return tuple(path), value


def _quoted(path: Path, value: object) -> str | None:
    """A value of a closed list as a message may show it: short, printable, and surely no secret; None for others."""
    showable = isinstance(value, str) and 0 < len(value) <= 40 and value.isprintable() and not looks_secret(value)
    return f"`{value}`" if showable and (not is_private(path) or is_spoken(value, vocabulary())) else None


def _quotable(path: Path, value: str) -> str:
    """A text of the user's as a hint may repeat it; an ellipsis for what may be a secret."""
    return "…" if is_private(path) or looks_secret(value) else printable(value, 60)


def _written(choice: str) -> str:
    """An allowed value as one writes it; in quotes where it is a mark or nothing at all."""
    return choice if choice.replace("_", "").replace("-", "").isalnum() else json.dumps(choice)


def _first_sentence(text: str) -> str:
    sentence, stop, _ = " ".join(text.split()).partition(". ")
    return sentence + stop.strip()


def _closest(word: object, known: list[str]) -> str | None:
    if not isinstance(word, str):
        return None
    folded = {name.replace("_", "").replace("-", "").lower(): name for name in known}
    close = difflib.get_close_matches(word.replace("_", "").replace("-", "").lower(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _of_one_meaning(word: object, known: list[str]) -> str | None:
    """The field that is called otherwise elsewhere: at another destination, or in other programs."""
    for names in SAME_MEANING:
        here = [name for name in names if name in known]
        if here and word not in known and _closest(word, [*known, *names]) in names:
            return _closest(word, here) or here[0]
    return None


def _unknown_field(_error: ErrorDetails, path: Path, _value: object, data: object) -> Found:
    name = path[-1]
    known = list(field_schema(path[:-1], data).get("properties", {}))
    advice = advise(path, child(data, "destination"))
    if advice is not None:
        violation = Violation(advice.code, advice.message, advice.hint)
        return Found(path, violation, at_key=True, hide=advice.hide)
    meant = _of_one_meaning(name, known)
    elsewhere = None if meant else _elsewhere(path, data)
    if elsewhere is not None:
        return elsewhere
    meant = meant or _closest(name, known)
    message = f"not a known field, did you mean {meant}?" if meant else "not a known field"
    hint = f"Known here: {', '.join(known)}."
    violation = Violation("config.unknown-field", message, hint)
    return Found(path, violation, at_key=True, hide=meant is None, meant=(*path[:-1], meant) if meant else None)


def _elsewhere(path: Path, data: object) -> Found | None:
    """A field that is known in one other section."""
    name = str(path[-1])
    sections = homes(name, data)
    there = [section for section in sections if not section or isinstance(_at(data, section), dict)]
    if len(there or sections) != 1:
        return None
    section = (there or sections)[0]
    if section:
        message, hint = f"belongs into `{'.'.join(section)}`", f"Move it below `{section[-1]}:`, indented."
    else:
        message, hint = "belongs at the top", "Take the blanks before it away."
    return Found(path, Violation("config.field-elsewhere", message, hint), at_key=True, meant=(*section, name))


def _at(data: object, path: Path) -> object:
    for step in path:
        data = child(data, step)
    return data


def _missing(_error: ErrorDetails, path: Path, _value: object, data: object) -> Found:
    schema = field_schema(path, data)
    examples = schema.get("examples") or schema.get("enum")
    example = f"Add `{path[-1]}: {examples[0]}`" if examples else f"Add `{path[-1]}:`"
    purpose = _first_sentence(str(schema.get("description", "")))
    hint = f"{example}. {purpose}".strip()
    if spell(path) in BLOCKS:
        hint = f"{purpose} Add, for example:\n{BLOCKS[spell(path)]}"
    return Found(path, Violation("config.missing-field", "required, but missing", hint), missing=True)


def _wrong_type(error: ErrorDetails, path: Path, value: object, data: object) -> Found:
    if value is None:
        return empty_value(path)
    wanted = _WANTED[error["type"]]
    hint = f"Give {wanted}."
    if wanted == "text" and isinstance(value, int | float):
        hint = "Put it in quotes: without them YAML reads a number, or true and false."
    elif wanted == "a whole number" and isinstance(value, str) and _NUMBER.fullmatch(value):
        hint = "Remove the quotes."
    elif wanted == "true or false" and isinstance(value, str):
        hint = "Write true or false, without quotes; yes, no, on and off are text in YAML 1.2."
    elif wanted == "a list":
        hint = "Start each item with `- `."
        glued = _glued_dash(path, value)
        if glued is not None:
            return glued
    elif isinstance(value, str) and isinstance(path[-1], int) and "name" in field_schema(path, data)["properties"]:
        hint = f"Write `- {'id' if _DATASET_ID.fullmatch(value) else 'name'}: {_quotable(path, value)}`."
    message = f"must be {wanted}, but is {spoken_type(value)}"
    return Found(path, Violation("config.wrong-type", message, hint))


def _glued_dash(path: Path, value: object) -> Found | None:
    """Items whose dashes nothing follows: ``-name`` is a field's name."""
    if not isinstance(value, dict) or not value or not all(re.match(r"-\w", str(name)) for name in value):
        return None
    violation = Violation("config.wrong-type", "a blank is missing after '-'", "Write `- ` before each item.")
    return Found((*path, next(iter(value))), violation, at_key=True)


def _not_allowed(error: ErrorDetails, path: Path, value: object, data: object) -> Found:
    if value is None:
        return empty_value(path)
    allowed = closed_list(path, data)
    if path and path[-1] == "type":
        return _unknown_tag(path, value, allowed)
    meant = _closest(value, allowed)
    ending = f", did you mean {meant}?" if meant else ""
    violation = Violation(
        "config.not-allowed-value",
        f"{_quoted(path, value) or 'this value'} is not allowed here{ending}",
        f"One of: {', '.join(_written(choice) for choice in allowed) or error['msg']}.",
    )
    return Found(path, violation)


def _unknown_tag(path: Path, value: object, allowed: list[str]) -> Found:
    kind = "auth type" if "auth" in path else "destination"
    meant = _closest(value, allowed)
    subject = " ".join(filter(None, [f"unknown {kind}", _quoted(path, value)]))
    message = f"{subject}, did you mean {meant}?" if meant else subject
    code = "config.unknown-auth" if kind == "auth type" else "config.unknown-destination"
    return Found(path, Violation(code, message, f"Known: {', '.join(allowed)}."))


def _union_tag(error: ErrorDetails, path: Path, value: object, data: object) -> Found:
    """A discriminated union names the union where a single model names the field."""
    allowed = list(field_schema(path, data).get("discriminator", {}).get("mapping", {}))
    if not isinstance(value, dict) or "type" not in value:
        example = f"Add `type: {allowed[0]}`." if len(allowed) == 1 else "Add `type:`."
        hint = f"{example} Known: {', '.join(allowed)}." if allowed else example
        here = (*path, "type")
        return Found(here, Violation("config.missing-field", "required, but missing", hint), missing=True)
    expected = [tag.strip("' ") for tag in str(error.get("ctx", {}).get("expected_tags", "")).split(",")]
    return _unknown_tag((*path, "type"), value["type"], allowed or expected)


def _bounds(error: ErrorDetails, path: Path, _value: object, _data: object) -> Found:
    context: dict[str, Any] = error.get("ctx", {})
    at_least = "ge" in context
    limit = context["ge"] if at_least else context["le"]
    message = f"must be {'at least' if at_least else 'at most'} {limit}"
    return Found(path, Violation("config.out-of-range", message, f"Write {limit} or {'more' if at_least else 'less'}."))


def _length(error: ErrorDetails, path: Path, _value: object, _data: object) -> Found:
    context: dict[str, Any] = error.get("ctx", {})
    if "min_length" in context:
        message, hint = f"needs at least {context['min_length']}", "Add one."
        return Found(path, Violation("config.too-short", message, hint))
    message = f"is longer than {context['max_length']} characters"
    return Found(path, Violation("config.too-long", message, "Shorten it."))


def _other(_error: ErrorDetails, path: Path, _value: object, _data: object) -> Found:
    return Found(path, Violation("config.invalid-value", "is not valid here", "See the example in the documentation."))


_Translator = Callable[[ErrorDetails, Path, object, object], Found]
_TRANSLATORS: dict[str, _Translator] = {
    **dict.fromkeys(_WANTED, _wrong_type),
    "extra_forbidden": _unknown_field,
    "missing": _missing,
    "enum": _not_allowed,
    "literal_error": _not_allowed,
    "union_tag_invalid": _union_tag,
    "union_tag_not_found": _union_tag,
    "greater_than_equal": _bounds,
    "less_than_equal": _bounds,
    "string_too_long": _length,
    "string_too_short": _length,
    "too_short": _length,
    "too_long": _length,
}
