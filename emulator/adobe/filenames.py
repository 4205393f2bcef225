"""What exported audience files are called: filename templates of both generations, and the macros of folders.

Adobe: "Activate audiences to batch profile export destinations", file names, and the destinations' tutorials.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emulator.adobe import layout, problems

LONGEST = 255
DATES = frozenset({"DATETIME", "TIMESTAMP"})
_MACRO = re.compile(r"%([A-Z_]+)(?:\(([^)%]*)\))?%")
_FIRST_GENERATION = frozenset({"DESTINATION_NAME", "SEGMENT_ID", "SEGMENT_NAME"}) | DATES
_FOLDER_MACRO = re.compile(r"%(SEGMENT_NAME|SEGMENT_ID)%")
_CURRENT = _FIRST_GENERATION | {
    "DESTINATION",
    "DESTINATION_INSTANCE_ID",
    "DESTINATION_INSTANCE_NAME",
    "ORGANIZATION_NAME",
    "SANDBOX_NAME",
}


@dataclass(frozen=True)
class Subject:
    """The audience that a file holds."""

    id: str
    name: str


def check(template: object, *, current: bool) -> None:
    """Raise :class:`Problem` unless `template` is one that the generation takes.

    The first generation requires ``%DESTINATION_NAME%`` and ``%SEGMENT_ID%``; the current one requires nothing.
    """
    if not isinstance(template, str) or not template:
        raise problems.plain("filenameTemplate must be a non-empty string")
    if len(template) > LONGEST:
        raise problems.plain(f"filenameTemplate must not be longer than {LONGEST} characters")
    found = list(_MACRO.finditer(template))
    known = _CURRENT if current else _FIRST_GENERATION
    wrong = [
        match.group(0) for match in found if match[1] not in known or (match[1] == "DATETIME") != bool(match.group(2))
    ]
    wrong += ["%"] * _MACRO.sub("", template).count("%")
    if wrong:
        raise problems.plain(f"filenameTemplate has unknown macros: {', '.join(wrong)}")
    names = [match[1] for match in found]
    if sum(name in DATES for name in names) > 1:
        raise problems.plain("filenameTemplate may hold one of %DATETIME(...)% and %TIMESTAMP%, once")
    missing = [name for name in ("DESTINATION_NAME", "SEGMENT_ID") if name not in names]
    if missing and not current:
        raise problems.plain(f"filenameTemplate must hold %{'% and %'.join(missing)}%")
    if "/" in template:
        raise problems.plain("filenameTemplate must not hold a slash")


def base_name(template: str | None, place: layout.Place, subject: Subject, time: datetime) -> str:
    """The file's name without extension. Without a template ``<destination>_segment<id>_<yyyymmddhhmmss>``."""
    if template is None:
        return f"{layout.safe(place.destination)}_segment{subject.id}_{time:%Y%m%d%H%M%S}"
    values: Mapping[str, str] = {
        "DESTINATION_NAME": layout.safe(place.destination),
        "DESTINATION": layout.safe(place.destination),
        "DESTINATION_INSTANCE_ID": place.flow_id,
        "DESTINATION_INSTANCE_NAME": layout.safe(place.flow_name),
        "ORGANIZATION_NAME": layout.safe(place.organization),
        "SANDBOX_NAME": place.sandbox,
        "SEGMENT_ID": subject.id,
        "SEGMENT_NAME": layout.safe(subject.name),
        "TIMESTAMP": str(int(time.timestamp())),
    }

    def render(match: re.Match[str]) -> str:
        return layout.datetime_text(match[2], time) if match[1] == "DATETIME" else values[match[1]]

    return _MACRO.sub(render, template)[:LONGEST]


def numbered(base: str, number: int, extension: str) -> str:
    """The name of the file `number`, from 1, of an audience split into several: there is no ``_1``."""
    return f"{base}{extension}" if number == 1 else f"{base}_{number}{extension}"


def folder(path: str, subject: Subject) -> str:
    """A target connection's path with its macros filled in, without a slash at either end."""
    values = {"SEGMENT_ID": subject.id, "SEGMENT_NAME": layout.safe(subject.name)}
    rendered = _FOLDER_MACRO.sub(lambda match: values[match[1]], path)
    return "/".join(part for part in rendered.split("/") if part)
