"""Where exported files lie and what they are called: folder macros, part names, manifests."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

DEFAULT_TEMPLATE = "%DATASET_ID%/%EXPORT_TIME%"
_MACRO = re.compile(r"%([A-Z_]+)(?:\(([^)%]*)\))?%")
_PLAIN = frozenset(
    {
        "DATASET_ID",
        "DATASET_NAME",
        "DESTINATION",
        "DESTINATION_INSTANCE_NAME",
        "DESTINATION_INSTANCE_ID",
        "SANDBOX_NAME",
        "ORGANIZATION_NAME",
        "EXPORT_TIME",
    }
)
_DATETIME = {"YYYY": "%Y", "yyyy": "%Y", "MM": "%m", "dd": "%d", "DD": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DATETIME_PART = re.compile("|".join(_DATETIME))


@dataclass(frozen=True)
class Place:
    """What the macros of a folder stand for."""

    destination: str
    flow_id: str
    flow_name: str
    sandbox: str
    organization: str


def unknown_macros(template: str) -> list[str]:
    """Everything between percent signs that Adobe would not replace; a stray percent sign counts as one."""
    wrong = [match.group(0) for match in _MACRO.finditer(template) if not _known(match)]
    rest = _MACRO.sub("", template)
    return wrong + ["%"] * rest.count("%")


def folder(base: str, template: str | None, place: Place, *, dataset_id: str, dataset_name: str, time: datetime) -> str:
    """The key prefix of one dataset's files, without a slash at either end.

    Adobe: "Export datasets by using the Flow Service API", folder name template.
    """
    values: Mapping[str, str] = {
        "DATASET_ID": dataset_id,
        "DATASET_NAME": safe(dataset_name),
        "DESTINATION": safe(place.destination),
        "DESTINATION_INSTANCE_NAME": safe(place.flow_name),
        "DESTINATION_INSTANCE_ID": place.flow_id,
        "SANDBOX_NAME": place.sandbox,
        "ORGANIZATION_NAME": safe(place.organization),
        "EXPORT_TIME": f"exportTime={time:%Y%m%d%H%M}",
    }

    def render(match: re.Match[str]) -> str:
        name, argument = match.group(1), match.group(2)
        return datetime_text(argument, time) if name == "DATETIME" and argument is not None else values[name]

    # Only a template nobody gave has the default; "/" alone is a template, and means no folder at all.
    rendered = _MACRO.sub(render, DEFAULT_TEMPLATE if template is None else template)
    return "/".join(part for part in f"{base}/{rendered}".split("/") if part)


def datetime_text(pattern: str, time: datetime) -> str:
    """Render a Java-like date pattern such as ``YYYYMMdd_HHmmss``."""
    return _DATETIME_PART.sub(lambda match: time.strftime(_DATETIME[match.group(0)]), pattern)


@dataclass(frozen=True)
class PartNames:
    """The random parts that the files of one write job share."""

    tid: int
    job: uuid.UUID
    first: int

    @classmethod
    def draw(cls) -> PartNames:
        return cls(random.randrange(10**17, 10**19), uuid.uuid4(), random.randrange(1000, 999_999))

    def name(self, number: int, extension: str) -> str:
        return f"part-{number:05d}-tid-{self.tid}-{self.job}-{self.first + number}-1-c000{extension}"


def manifest_name(target_connection_id: str, run_id: str) -> str:
    return f"manifest-{target_connection_id}-{run_id}.json"


def _known(match: re.Match[str]) -> bool:
    name, argument = match.groups()
    return bool(argument) if name == "DATETIME" else name in _PLAIN and argument is None


def safe(name: str) -> str:
    """A name as one folder or as a part of a file name: a slash would start another folder."""
    return re.sub(r"[\s/]+", "-", name.strip())
