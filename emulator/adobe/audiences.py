"""Audiences and who is in them: ``_profiles/audiences.yaml`` of the data lake.

Each entry of ``audiences`` has ``id`` (a UUID), ``name``, ``where``, and may have ``description``, ``mergePolicyId``,
``created`` (ISO 8601) and ``sandbox`` (one name or a list; all sandboxes without it). ``where`` maps attribute paths to
conditions, all of which have to hold: a value it equals, a list of values it is one of, or a mapping with ``atLeast``,
``below``, ``not`` or ``exists``::

    where:
      loyalty.tier: [gold, platinum]
      loyalty.points: {atLeast: 1000}
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from emulator.adobe import attributes
from emulator.adobe.clock import parse_iso
from emulator.adobe.lake import LakeError

FILE = "audiences.yaml"
DEFAULT_MERGE_POLICY = "b83185bb-0bc6-489c-9363-0075eb30b4c8"
_KNOWN = frozenset({"id", "name", "description", "mergePolicyId", "where", "created", "sandbox"})
_OPERATORS = {"equals": "=", "atLeast": ">=", "below": "<", "not": "!=", "in": "in", "exists": "exists"}
_EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Condition:
    """One attribute's part in a rule."""

    path: str
    operator: str
    wanted: Any

    def holds(self, profile: Mapping[str, Any]) -> bool:
        value = attributes.value_at(profile, self.path)
        match self.operator:
            case "exists":
                return (value is not None) == bool(self.wanted)
            case "not":
                return bool(value != self.wanted)
            case "in":
                return value in self.wanted
            case "equals":
                return bool(value == self.wanted)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return bool(value >= self.wanted if self.operator == "atLeast" else value < self.wanted)

    @property
    def pql(self) -> str:
        """The condition in Adobe's Profile Query Language."""
        if self.operator == "exists":
            return f"{self.path}.exists()" if self.wanted else f"{self.path}.isNull()"
        return f"{self.path} {_OPERATORS[self.operator]} {json.dumps(self.wanted)}"


@dataclass(frozen=True)
class Audience:
    """One audience, in Adobe's older words a segment."""

    id: str
    name: str
    description: str
    merge_policy: str
    conditions: tuple[Condition, ...]
    created: datetime = _EARLY
    sandboxes: frozenset[str] | None = None

    def visible_in(self, sandbox: str) -> bool:
        return self.sandboxes is None or sandbox in self.sandboxes

    def takes(self, profile: Mapping[str, Any]) -> bool:
        return all(condition.holds(profile) for condition in self.conditions)

    @property
    def pql(self) -> str:
        return " and ".join(condition.pql for condition in self.conditions)


class Audiences:
    """Reads the file anew when it has changed. Guarded by the world's lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._signature: tuple[int, int] | None = None
        self._known: dict[str, Audience] = {}

    def all(self) -> list[Audience]:
        """Every audience in the order of the file. Raises :class:`LakeError`."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._known, self._signature = {}, None
            return []
        if (stat.st_size, stat.st_mtime_ns) != self._signature:
            self._known = {audience.id: audience for audience in _read(self._path)}
            self._signature = (stat.st_size, stat.st_mtime_ns)
        return list(self._known.values())

    def of(self, sandbox: str) -> list[Audience]:
        return [audience for audience in self.all() if audience.visible_in(sandbox)]

    def find(self, sandbox: str, audience_id: str) -> Audience | None:
        return next((audience for audience in self.of(sandbox) if audience.id == audience_id), None)


def _read(path: Path) -> list[Audience]:
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise LakeError(f"{path} is not readable: {error}") from error
    entries = document.get("audiences") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise LakeError(f"{path} must hold a list named audiences")
    try:
        found = [_audience(entry) for entry in entries]
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{path} is not valid: {error}") from error
    if len({audience.id for audience in found}) != len(found):
        raise LakeError(f"{path} has two audiences with one id")
    return found


def _audience(entry: object) -> Audience:
    if not isinstance(entry, dict) or set(entry) - _KNOWN or not {"id", "name", "where"} <= set(entry):
        raise ValueError("an audience has id, name and where, and no keys that are not known")
    where = entry["where"]
    if not isinstance(where, dict) or not where:
        raise ValueError(f"where of audience {entry['id']} must map attribute paths to conditions")
    sandboxes = [entry["sandbox"]] if isinstance(entry.get("sandbox"), str) else entry.get("sandbox")
    return Audience(
        id=str(uuid.UUID(str(entry["id"]))),
        name=str(entry["name"]),
        description=str(entry.get("description", "")),
        merge_policy=str(entry.get("mergePolicyId", DEFAULT_MERGE_POLICY)),
        conditions=tuple(item for path, rule in where.items() for item in _conditions(str(path), rule)),
        created=_moment(entry["created"]) if "created" in entry else _EARLY,
        sandboxes=None if sandboxes is None else frozenset(map(str, sandboxes)),
    )


def _conditions(path: str, rule: object) -> list[Condition]:
    if isinstance(rule, list):
        return [Condition(path, "in", rule)]
    if not isinstance(rule, dict):
        return [Condition(path, "equals", rule)]
    if unknown := set(rule) - set(_OPERATORS):
        raise ValueError(f"{path} has unknown operators: {', '.join(map(str, unknown))}")
    return [Condition(path, operator, wanted) for operator, wanted in rule.items()]


def _moment(value: object) -> datetime:
    """YAML reads a time as one already."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return parse_iso(value.isoformat() if isinstance(value, date) else str(value))
