"""The ``property`` filters and ``orderby`` of the Flow Service's lists (Adobe: "Filter and sort, Flow Service API")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.adobe import problems
from emulator.adobe.http import Json

FILTERABLE: Mapping[str, frozenset[str]] = {
    "connections": frozenset({"id", "name", "description", "connectionSpec.id", "state"}),
    # Adobe filters these two by id and spec alone: their names are not searchable.
    "sourceConnections": frozenset({"id", "connectionSpec.id", "baseConnectionId"}),
    "targetConnections": frozenset({"id", "connectionSpec.id", "baseConnectionId"}),
    "flows": frozenset(
        {
            "id",
            "name",
            "description",
            "flowSpec.id",
            "state",
            "sourceConnectionIds[]",
            "targetConnectionIds[]",
            "transformations[].params.segmentSelectors.selectors[].value.id",
            "inheritedAttributes.properties.isDestinationFlow",
            "inheritedAttributes.sourceConnections[].connectionSpec.id",
            "inheritedAttributes.targetConnections[].connectionSpec.id",
            "scheduleParams.endTime",
            "lastRunDetails.startedAtUTC",
            "createdAt",
            "updatedAt",
        }
    ),
    "runs": frozenset(
        {
            "id",
            "flowId",
            "state",
            "createdAt",
            "metrics.durationSummary.startedAtUTC",
            "metrics.statusSummary.status",
            "metrics.recordSummary.targetSummaries[].entitySummaries[].id",
        }
    ),
    "connectionSpecs": frozenset({"id", "name", "providerId", "attributes.category", "attributes.isDestination"}),
    "flowSpecs": frozenset({"id", "name", "providerId"}),
}
SORTABLE = frozenset({"id", "name", "description", "state", "createdAt", "updatedAt"})
_EXPRESSION = re.compile(r"^([A-Za-z0-9_.\[\]]+?)(==|>=|<=|>|<)(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """One ``property``: any of the `wanted` values satisfies it."""

    path: str
    operator: str
    wanted: tuple[str, ...]

    def holds(self, item: Mapping[str, Any]) -> bool:
        return any(self._compare(value, wanted) for value in _values(item, self.path) for wanted in self.wanted)

    def _compare(self, value: object, wanted: str) -> bool:
        if self.operator == "==":
            return _text(value) == wanted
        left: float | str
        right: float | str
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                left, right = float(value), float(wanted)
            except ValueError:
                raise problems.flow(
                    "1443-400", "Invalid filter", f"[{wanted}] is not a number to compare {self.path} with"
                ) from None
        else:
            left, right = _text(value), wanted
        match self.operator:
            case ">":
                return left > right  # type: ignore[operator]
            case "<":
                return left < right  # type: ignore[operator]
            case ">=":
                return left >= right  # type: ignore[operator]
            case _:
                return left <= right  # type: ignore[operator]


def parse(kind: str, expressions: Sequence[str]) -> list[Condition]:
    """Read the ``property`` parameters of a list of `kind`; all of them have to hold.

    Raises:
        Problem: FLOW-1448-400 for text that is no filter, FLOW-1440-400 for a property that can't be filtered on.
    """
    conditions = []
    for expression in expressions:
        match = _EXPRESSION.match(expression)
        if match is None:
            raise problems.flow("1448-400", "Invalid filter", f"[{expression}] is not a valid filter expression")
        path, operator, wanted = match.groups()
        if path not in FILTERABLE[kind]:
            raise problems.flow("1440-400", "Invalid filter", f"[{path}] is not a filterable property of {kind}")
        conditions.append(Condition(path, operator, tuple(wanted.split(",")) if operator == "==" else (wanted,)))
    return conditions


def select(kind: str, items: Sequence[Json], expressions: Sequence[str]) -> list[Json]:
    conditions = parse(kind, expressions)
    return [item for item in items if all(condition.holds(item) for condition in conditions)]


def sort(items: Sequence[Json], orderby: str | None) -> list[Json]:
    """Order by one property: ``-name`` descending, ``+name`` or ``name`` ascending.

    A plus sign that was not percent-encoded arrives as a space, and is refused as one.
    """
    if orderby is None:
        return list(items)
    match = re.fullmatch(r"([+-]?)([A-Za-z]+)", orderby)
    if match is None:
        raise problems.flow("1432-400", "Invalid orderby", f"[{orderby}] is not a valid orderby expression")
    sign, field = match.groups()
    if field not in SORTABLE:
        raise problems.flow("1433-400", "Invalid orderby", f"Results cannot be ordered by [{field}]")
    return sorted(items, key=lambda item: _sort_key(item.get(field)), reverse=sign == "-")


def _sort_key(value: object) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (0, 0.0, "" if value is None else str(value))


def _values(item: object, path: str) -> Iterator[object]:
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(item, Mapping) or name not in item:
        return
    found = item[name]
    for value in found if head.endswith("[]") and isinstance(found, list) else [found]:
        if rest:
            yield from _values(value, rest)
        else:
            yield value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
