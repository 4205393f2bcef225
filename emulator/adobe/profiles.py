"""The profile store: what lies in the data lake's folder ``_profiles``, and how it changes as time goes by.

Every ``*.ndjson`` there but ``changes.ndjson`` holds profiles in the shape of XDM, one a line: nested attributes and an
``identityMap`` (``{"Email": [{"id": "…"}]}``). Lines of ``changes.ndjson`` change them at a given time::

    {"at": "+26h", "identity": {"Email": "ada@example.com"}, "set": {"loyalty.tier": "gold"}}

``at`` is ISO 8601, or an offset from the start of the emulator in ``s``, ``m``, ``h`` or ``d``; ``set`` takes attribute
paths, and null removes the value.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from emulator.adobe import attributes
from emulator.adobe.clock import parse_iso
from emulator.adobe.http import Json
from emulator.adobe.lake import LakeError

FOLDER = "_profiles"
CHANGES = "changes.ndjson"
_OFFSET = re.compile(r"\+(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Change:
    """From `at` on, every profile with `identity` has `values`."""

    at: datetime
    identity: tuple[str, str]
    values: Mapping[str, Any]


class ProfileStore:
    """Reads the folder anew when a file of it has changed. Guarded by the world's lock."""

    def __init__(self, lake: Path, started: datetime) -> None:
        self.folder = lake / FOLDER
        self._started = started
        self._made: list[Change] = []
        self._signature: object = None
        self._profiles: dict[str, Json] = {}
        self._changes: list[Change] = []
        self._latest: tuple[int, dict[str, Json]] = (0, {})

    @property
    def started(self) -> datetime:
        """What offsets in ``changes.ndjson`` count from."""
        return self._started

    def restart(self, started: datetime) -> None:
        """Forget the changes made by hand, and count offsets from `started`."""
        self._started, self._made, self._signature = started, [], None

    def at(self, moment: datetime) -> Mapping[str, Json]:
        """All profiles as they were at `moment`, by a key that stays the same; not to be modified.

        Raises:
            LakeError: a file can't be read.
        """
        self._load()
        due = bisect_right(self._changes, moment, key=lambda change: change.at)
        if self._latest[0] != due or not self._latest[1]:
            self._latest = (due, self._changed(self._changes[:due]))
        return self._latest[1]

    def change(self, identity: tuple[str, str], values: Mapping[str, Any], at: datetime) -> int:
        """Change profiles by hand; returns how many have `identity`. Raises :class:`LakeError`."""
        self._load()
        self._made.append(Change(at, identity, dict(values)))
        self._signature = None
        return sum(identity in attributes.identities(profile) for profile in self._profiles.values())

    def _load(self) -> None:
        try:
            paths = sorted(self.folder.glob("*.ndjson")) if self.folder.is_dir() else []
            signature = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
            if signature != self._signature:
                self._read(paths, signature)
        except OSError as error:
            # Somebody is changing the folder at this very moment.
            raise LakeError(f"{self.folder} can't be read: {error.strerror}") from error

    def _read(self, paths: Sequence[Path], signature: object) -> None:
        dated = list(self._made)
        profiles: dict[str, Json] = {}
        repeated: Counter[str] = Counter()
        for path in paths:
            if path.name == CHANGES:
                dated += [_change(line, self._started, path, number) for number, line in _lines(path)]
                continue
            for number, profile in _lines(path):
                if not attributes.identities(_checked(profile, path, number)):
                    raise LakeError(f"{path}:{number} has no identity in its identityMap")
                key = json.dumps(profile[attributes.IDENTITY_MAP], sort_keys=True)
                repeated[key] += 1
                profiles[f"{key}#{repeated[key]}"] = profile
        self._profiles, self._signature, self._latest = profiles, signature, (0, {})
        self._changes = sorted(dated, key=lambda change: change.at)

    def _changed(self, changes: list[Change]) -> dict[str, Json]:
        owners: dict[tuple[str, str], list[str]] = {}
        if changes:
            for key, profile in self._profiles.items():
                for identity in attributes.identities(profile):
                    owners.setdefault(identity, []).append(key)
        profiles = dict(self._profiles)
        for change in changes:
            for key in owners.get(change.identity, ()):
                profiles[key] = attributes.changed(profiles[key], change.values)
        return profiles


def identity_of(document: object) -> tuple[str, str]:
    """Read ``{"<namespace>": "<id>"}``. Raises ``ValueError``."""
    if not isinstance(document, dict) or len(document) != 1:
        raise ValueError("identity must hold one namespace with one id")
    ((namespace, value),) = document.items()
    return str(namespace), str(value)


def _lines(path: Path) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except ValueError as error:
            raise LakeError(f"{path}:{number} is not JSON") from error
        if not isinstance(document, dict):
            raise LakeError(f"{path}:{number} must be an object")
        yield number, document


def _checked(profile: Json, path: Path, number: int) -> Json:
    found = profile.get(attributes.IDENTITY_MAP)
    if not isinstance(found, dict) or not all(
        isinstance(items, list) and all(isinstance(item, dict) and "id" in item for item in items)
        for items in found.values()
    ):
        raise LakeError(f'{path}:{number} needs an identityMap such as {{"Email": [{{"id": "…"}}]}}')
    return profile


def _change(document: Json, started: datetime, path: Path, number: int) -> Change:
    if set(document) != {"at", "identity", "set"} or not isinstance(document["set"], dict):
        raise LakeError(f"{path}:{number} must have at, identity and set")
    try:
        return Change(_moment(str(document["at"]), started), identity_of(document["identity"]), document["set"])
    except ValueError as error:
        raise LakeError(f"{path}:{number} is not a change: {error}") from error


def _moment(text: str, started: datetime) -> datetime:
    offset = _OFFSET.fullmatch(text)
    if offset is None:
        return parse_iso(text)
    return started + timedelta(**{_UNITS[offset.group(2)]: int(offset.group(1))})
