"""The rules for where files go: the target's path and the template of the folders below it."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, NamedTuple

from pydantic import Field

from aep_delivery.config.base import TextRule, Violation

MACROS = (
    "DATASET_ID",
    "DATASET_NAME",
    "DESTINATION",
    "DATETIME(YYYYMMdd_HHmmss)",
    "EXPORT_TIME",
    "DESTINATION_INSTANCE_NAME",
    "DESTINATION_INSTANCE_ID",
    "SANDBOX_NAME",
    "ORGANIZATION_NAME",
)
"""What may stand between percent signs in ``foldernameTemplate`` (Adobe: Export datasets by API, folder name)."""

_NO_DOTS_OR_BLANKS = r"(?!/)(?!.*//)(?!.*\.\.)(?!.*(?:^|/)\.(?:/|$))"
PATH_PATTERN = rf"^{_NO_DOTS_OR_BLANKS}[0-9A-Za-z/!\-_.*'()]+$"
_MACRO = "|".join(re.escape(macro) for macro in MACROS).replace(r"\_", "_")
TEMPLATE_PATTERN = rf"^(?:/|{_NO_DOTS_OR_BLANKS}(?:%(?:{_MACRO})%|[0-9A-Za-z/!\-_.*'()=])+)$"

_AUDIENCE_MACROS = re.compile(r"(?:/?%SEGMENT_(?:NAME|ID)%)+/?$")
MACRO_PATH_PATTERN = rf"^(?:{_NO_DOTS_OR_BLANKS}[0-9A-Za-z/!\-_.*'()]+)?(?:/?%SEGMENT_(?:NAME|ID)%)*/?(?<!^)$"
REMOTE_PATH_PATTERN = rf"^(?:/|/?{_NO_DOTS_OR_BLANKS}[0-9A-Za-z/!\-_.*'()]+)$"

_PATH_CHARACTERS = re.compile(r"[0-9A-Za-z/!\-_.*'()]+")
_TEMPLATE_CHARACTERS = re.compile(r"[0-9A-Za-z/!\-_.*'()=]*")


class _Place(NamedTuple):
    """Where folders are, in the words of a destination's users."""

    field: str
    within: str
    root: str


_BUCKET = _Place("path", "in the bucket", "the bucket's root")
_SERVER = _Place("remotePath", "on the server", "where the login lands")
_NAMELESS_FOLDER = Violation("config.path-empty-folder", "has a folder without a name", "Write a single `/`.")


def _check_segments(text: str, place: _Place = _BUCKET) -> Violation | None:
    if "\\" in text or "://" in text:
        return Violation(
            "config.path-characters", f"is not a folder {place.within}", "Write folders with `/`: exports/flights."
        )
    if text.startswith("/"):
        return Violation(
            "config.path-leading-slash", "starts with a slash", "Leave the first `/` out: keys in a bucket have none."
        )
    if "//" in text:
        return _NAMELESS_FOLDER
    if ".." in text or "." in text.split("/"):
        return Violation(
            "config.path-dots",
            "contains `..` or a folder named `.`",
            f"Write the folder from {place.root}, without `.` and `..`.",
        )
    return None


def check_path(path: str, place: _Place = _BUCKET) -> Violation | None:
    """The first rule that the ``path`` of a dataset target breaks."""
    if "%" in path:
        return Violation(
            "config.path-macro",
            "contains `%`, but macros in `path` work for audiences only"
            if place is _BUCKET
            else f"contains `%`, but `{place.field}` takes no macros",
            "Give plain folders here; dataset exports take macros in `scheduleParams.foldernameTemplate`.",
        )
    if any(character.isspace() for character in path):
        return Violation("config.path-space", "contains a blank", "Use `-` or `_`: Adobe refuses blanks in a path.")
    violation = _check_segments(path, place)
    if violation is None and not _PATH_CHARACTERS.fullmatch(path):
        return Violation(
            "config.path-characters",
            "is empty or has characters that Adobe refuses in a path",
            "Use letters a to z, digits and / ! - _ . * ' ( ).",
        )
    return violation


def _unknown_macro(macro: str) -> Violation:
    # Case is the usual slip, and difflib weighs it like any other letter.
    close = difflib.get_close_matches(macro.upper(), [known.upper() for known in MACROS], n=1, cutoff=0.5)
    meant = next((known for known in MACROS if close and known.upper() == close[0]), None)
    return Violation(
        "config.template-macro",
        f"has an unknown macro, did you mean %{meant}%?" if meant else "has an unknown macro",
        "Known macros: " + ", ".join(f"%{known}%" for known in MACROS) + ".",
    )


def check_macro_path(path: str) -> Violation | None:
    """The first rule that a ``path`` breaks which may end in the audience's name or id.

    Adobe's pattern lets the macros follow each other, at the end only (Adobe: connection spec, targetSpec, ``path``).
    """
    plain = _AUDIENCE_MACROS.sub("", path)
    if "%" in plain:
        return Violation(
            "config.path-macro",
            "has a macro that is none of a path's, or has it before the end",
            "%SEGMENT_NAME% and %SEGMENT_ID% may stand at the end, as in crm/audiences/%SEGMENT_NAME%.",
        )
    return check_path(plain.rstrip("/")) if plain.rstrip("/") or not path else None


def check_remote_path(path: str) -> Violation | None:
    """The first rule that the ``remotePath`` of an SFTP destination breaks. A leading slash is the server's root."""
    if path.startswith("//"):
        return _NAMELESS_FOLDER
    return None if path == "/" else check_path(path.removeprefix("/"), _SERVER)


def check_template(template: str) -> Violation | None:
    """The first rule that a ``foldernameTemplate`` breaks. ``/`` alone is allowed: everything into one folder."""
    if template == "/":
        return None
    parts = template.split("%")
    if len(parts) % 2 == 0:
        return Violation(
            "config.template-percent",
            "has a `%` without its partner",
            "A macro stands between two percent signs: %DATASET_ID%.",
        )
    for macro in parts[1::2]:
        if macro not in MACROS:
            return _unknown_macro(macro)
    violation = _check_segments(template)
    if violation is None and not (template and _TEMPLATE_CHARACTERS.fullmatch("".join(parts[0::2]))):
        return Violation(
            "config.template-characters",
            "is empty or has characters that do not belong in a folder's name",
            "Between macros use letters a to z, digits and / ! - _ . * ' ( ) =.",
        )
    return violation


TargetPath = Annotated[str, Field(max_length=512), TextRule(PATH_PATTERN, check_path)]
MacroPath = Annotated[str, Field(max_length=512), TextRule(MACRO_PATH_PATTERN, check_macro_path)]
RemotePath = Annotated[str, Field(max_length=512), TextRule(REMOTE_PATH_PATTERN, check_remote_path)]
FolderTemplate = Annotated[str, Field(max_length=255), TextRule(TEMPLATE_PATTERN, check_template)]
