"""Finds sections whose fields stand beside them instead of below: one slip that else looks like several."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.config.base import Violation
from aep_delivery.config.positions import Path, Source, Span, child
from aep_delivery.config.schema import section_fields
from aep_delivery.config.translate import Found

Located = tuple[Source, Found]


def gather_undented(source: Source, found: list[Located], data: object) -> list[Located]:
    """The findings with one for each such section, in place of those that follow from it.

    Args:
        source: A file. Fields that are given twice only because they are not indented leave its ``slips``.
        found: What was found in all files.
        data: The merged content.
    """
    for section in [path for path in source.scalars if path in source.keys]:
        names = section_fields(section, data) if _is_empty(source, section) else frozenset()
        beside = _beside(source, found, section, names) if names else {}
        if not beside:
            continue
        gone = {*beside}
        source.slips = [slip for slip in source.slips if slip.span not in gone]
        found = [
            (where, finding)
            for where, finding in found
            if finding.path[: len(section)] != section
            and not (where is source and finding.at_key and source.keys.get(finding.path) in gone)
        ]
        found.append((source, _finding(source, section, beside)))
    return found


def _is_empty(source: Source, path: Path) -> bool:
    value: object = source.data
    for step in path:
        value = child(value, step)
    return value is None


def _beside(source: Source, found: list[Located], section: Path, names: frozenset[str]) -> dict[Span, Path]:
    """The fields right behind a section that are wrong where they stand and known in it, in the order of the file."""
    parent = section[:-1]
    fields = [(span, path) for path, span in source.keys.items() if path[:-1] == parent]
    twice = {slip.span: slip.path for slip in source.slips if slip.path[:-1] == parent and slip.path in source.keys}
    unknown = {finding.path for where, finding in found if where is source and finding.at_key}
    beside: dict[Span, Path] = {}
    for span, path in sorted([*fields, *twice.items()]):
        if span <= source.keys[section]:
            continue
        if path[-1] not in names or not (span in twice or path in unknown):
            break
        beside[span] = path
    return beside


def _finding(source: Source, section: Path, beside: dict[Span, Path]) -> Found:
    lines = sorted({line for span, path in beside.items() for line in _lines(source, span, path)})
    first, last = lines[0] + 1, lines[-1] + 1
    spoken = f"line {first}" if first == last else f"lines {first} {'and' if last == first + 1 else 'to'} {last}"
    violation = Violation("config.empty-value", "has no fields", f"Indent {spoken} by two more.")
    return Found(section, violation, at_key=True)


def _lines(source: Source, span: Span, path: Path) -> Iterator[int]:
    """The lines of a field with everything below it."""
    yield span.line
    if source.keys[path] == span:
        yield from (below.line for each, below in source.keys.items() if each[: len(path)] == path)
