"""What a change of an event's schema breaks for those who were written against the published one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["out", "in"]
"""Whether we send the event and others read it, or the other way round."""


@dataclass(frozen=True)
class Shape:
    """What a schema says of one value, references followed and alternatives brought together."""

    types: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    """The values of an enum or a const; None where any value of the types will do."""
    rule: str = ""
    """Pattern and format."""
    required: frozenset[str] = frozenset()
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, Any] | None = None


def shape_of(node: dict[str, Any], schema: dict[str, Any]) -> Shape:
    """The shape of a node of a schema."""
    if "$ref" in node:
        return shape_of(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    if "anyOf" in node:
        return _union([shape_of(part, schema) for part in node["anyOf"]])
    values = [node["const"]] if "const" in node else node.get("enum")
    declared = node.get("type", [])
    types = frozenset([declared] if isinstance(declared, str) else declared)
    return Shape(
        types=types or frozenset({"string"} if values else {"anything"}),
        allowed=frozenset(map(str, values)) if values else None,
        rule=" ".join(str(node[word]) for word in ("format", "pattern") if word in node),
        required=frozenset(node.get("required", [])),
        members=node.get("properties", {}),
        items=node.get("items"),
    )


def _union(parts: list[Shape]) -> Shape:
    closed = [part.allowed for part in parts if part.types != {"null"}]
    main = next(part for part in parts if part.types != {"null"})
    return Shape(
        types=frozenset().union(*(part.types for part in parts)),
        allowed=None if None in closed else frozenset().union(*(values for values in closed if values)),
        rule=main.rule,
        required=main.required,
        members=main.members,
        items=main.items,
    )


def breaks(published: dict[str, Any], now: dict[str, Any], direction: Direction) -> list[str]:
    """What breaks, each in a sentence. Empty where whoever knows the published schema will not notice the new one."""
    return [
        f"{published['title']}: {found} Keep it as it was published, and add what is new beside it under another name."
        for found in _compare("", (published, published), (now, now), direction)
    ]


_Node = tuple[dict[str, Any], dict[str, Any]]
"""A node, and the schema that it is part of."""


def _compare(path: str, published: _Node, now: _Node, direction: Direction) -> Iterator[str]:
    old, new = shape_of(*published), shape_of(*now)
    if old.types != new.types and not (direction == "in" and old.types < new.types):
        yield f"{path} was {_words(old.types)} and is {_words(new.types)} now."
    elif old.rule != new.rule:
        yield f'{path} was of the form "{old.rule}" and is of the form "{new.rule}" now.'
    if old.allowed is not None and new.allowed is not None and (gone := old.allowed - new.allowed):
        yield f"{path} can no longer be {_words(gone)}."
    if old.allowed is None and new.allowed is not None:
        yield f"{path} could be anything and can only be {_words(new.allowed)} now."
    for name, member in old.members.items():
        below = f"{path}.{name}".lstrip(".")
        if name not in new.members:
            yield f"{below} is gone."
            continue
        yield from _compare(below, (member, published[1]), (new.members[name], now[1]), direction)
    # Who reads relies on what is always there; who sends, on what need not be.
    changed = old.required - new.required if direction == "out" else new.required - old.required
    for name in sorted(changed & {*new.members}):
        may = "may be missing now" if direction == "out" else "was not needed and is now"
        yield f"{f'{path}.{name}'.lstrip('.')} {may}."
    if old.items is not None and new.items is not None:
        yield from _compare(f"{path}[]", (old.items, published[1]), (new.items, now[1]), direction)


def _words(values: frozenset[str]) -> str:
    return " or ".join(sorted(values))
