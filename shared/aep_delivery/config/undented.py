"""Finds sections whose fields stand beside them instead of below: one slip that else looks like several."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

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
    empty = [path for path in source.scalars if path in source.keys and _is_empty(source, path)]
    names = {path: section_fields(path, data) for path in empty}
    fields = _wrong_fields(source, found)
    gathered = {path: beside for path in empty if (beside := _beside(source, fields, path, names[path]))}
    if not gathered:
        return found
    gone = {span for beside in gathered.values() for span in beside}
    source.slips = [slip for slip in source.slips if slip.span not in gone]
    left = [
        (where, finding)
        for where, finding in found
        if not any(finding.path[:length] in gathered for length in range(1, len(finding.path) + 1))
        and not (where is source and finding.at_key and source.keys.get(finding.path) in gone)
    ]
    return left + [(source, _finding(source, path, beside)) for path, beside in gathered.items()]


def _is_empty(source: Source, path: Path) -> bool:
    value: object = source.data
    for step in path:
        value = child(value, step)
    return value is None


def _wrong_fields(source: Source, found: list[Located]) -> dict[Path, list[tuple[Span, Path, bool]]]:
    """By section: its fields in the order of the file, each with whether it is wrong where it stands."""
    unknown = {finding.path for where, finding in found if where is source and finding.at_key}
    fields = [(span, path, path in unknown) for path, span in source.keys.items()]
    fields += [(slip.span, slip.path, True) for slip in source.slips if slip.path in source.keys]
    by_section: dict[Path, list[tuple[Span, Path, bool]]] = {}
    for span, path, wrong in sorted(fields, key=lambda field: field[0]):
        by_section.setdefault(path[:-1], []).append((span, path, wrong))
    return by_section


def _beside(
    source: Source, fields: dict[Path, list[tuple[Span, Path, bool]]], section: Path, names: frozenset[str]
) -> dict[Span, Path]:
    """The fields right behind a section that are wrong where they stand and known in it, in the order of the file."""
    behind = [field for field in fields[section[:-1]] if field[0] > source.keys[section]] if names else []
    taken = takewhile(lambda field: field[2] and field[1][-1] in names, behind)
    return {span: path for span, path, _ in taken}


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
