"""The rules for the file names of audience exports: macros, and which a generation of destinations insists on."""

from __future__ import annotations

import difflib
import re
from typing import Annotated

from pydantic import Field

from aep_delivery.config.base import TextRule, Violation

FIRST_GENERATION_MACROS = ("DESTINATION_NAME", "SEGMENT_ID", "SEGMENT_NAME", "TIMESTAMP")
CURRENT_MACROS = (
    "DESTINATION",
    "SEGMENT_ID",
    "SEGMENT_NAME",
    "DESTINATION_INSTANCE_ID",
    "DESTINATION_INSTANCE_NAME",
    "ORGANIZATION_NAME",
    "SANDBOX_NAME",
    "TIMESTAMP",
)
"""What may stand between percent signs in ``filenameTemplate``, besides ``DATETIME(…)`` (Adobe: Activate audiences to
file-based destinations, configure file names; Connect to batch destinations by API)."""
REQUIRED_MACROS = ("DESTINATION_NAME", "SEGMENT_ID")
"""The first generation refuses a template without them."""
_ALL = tuple(dict.fromkeys((*FIRST_GENERATION_MACROS, *CURRENT_MACROS)))
_DATETIME = re.compile(r"DATETIME\((?:YYYY|yyyy|MM|dd|HH|mm|ss|[-_.])+\)")
_PLAIN = re.compile(r"[0-9A-Za-z!\-_.*'() ]*")
FILENAME_PATTERN = (
    rf"^(?:%(?:{'|'.join(_ALL)}|DATETIME\((?:YYYY|yyyy|MM|dd|HH|mm|ss|[-_.])+\))%|[0-9A-Za-z!\-_.*'() ])+$"
)


def macros_of(template: str) -> list[str]:
    """What stands between percent signs, in order."""
    return template.split("%")[1::2]


def has_time(template: str) -> bool:
    """Whether each export gets a file name of its own."""
    return any(macro == "TIMESTAMP" or _DATETIME.fullmatch(macro) for macro in macros_of(template))


def check_filename_template(template: str) -> Violation | None:
    """The first rule of either generation that a ``filenameTemplate`` breaks."""
    parts = template.split("%")
    if len(parts) % 2 == 0:
        return Violation(
            "config.template-percent",
            "has a `%` without its partner",
            "A macro stands between two percent signs: %SEGMENT_ID%.",
        )
    macros = parts[1::2]
    for macro in macros:
        if macro not in _ALL and not _DATETIME.fullmatch(macro):
            return _unknown(macro)
    if sum(macro == "TIMESTAMP" or macro.startswith("DATETIME(") for macro in macros) > 1:
        return Violation(
            "config.template-two-times",
            "has more than one time",
            "Keep either %DATETIME(YYYYMMdd_HHmmss)% or %TIMESTAMP%.",
        )
    if not template or not _PLAIN.fullmatch("".join(parts[0::2])):
        return Violation(
            "config.template-characters",
            "is empty or has characters that do not belong in a file's name",
            "Between macros use letters a to z, digits, blanks and ! - _ . * ' ( ); folders go into the path.",
        )
    return None


def check_generation(template: str, *, first: bool) -> Violation | None:
    """The first rule of one generation of destinations that a template breaks which is sound otherwise."""
    known = FIRST_GENERATION_MACROS if first else CURRENT_MACROS
    for macro in macros_of(template):
        if macro not in known and not macro.startswith("DATETIME("):
            return Violation(
                "config.template-macro",
                f"has %{macro}%, which this destination does not know",
                f"Known here: {', '.join(f'%{name}%' for name in known)} and %DATETIME(YYYYMMdd_HHmmss)%.",
            )
    missing = [name for name in REQUIRED_MACROS if first and name not in macros_of(template)]
    if missing:
        return Violation(
            "config.template-needs-macro",
            f"lacks {' and '.join(f'%{name}%' for name in missing)}, which this destination insists on",
            "Write, for instance, %DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%.",
        )
    return None


def _unknown(macro: str) -> Violation:
    close = difflib.get_close_matches(macro.upper(), [*_ALL, "DATETIME(YYYYMMDD_HHMMSS)"], n=1, cutoff=0.5)
    meant = "DATETIME(YYYYMMdd_HHmmss)" if close and close[0].startswith("DATETIME") else close[0] if close else None
    return Violation(
        "config.template-macro",
        f"has an unknown macro, did you mean %{meant}%?" if meant else "has an unknown macro",
        f"Known macros: {', '.join(f'%{name}%' for name in _ALL)} and %DATETIME(YYYYMMdd_HHmmss)%.",
    )


FilenameTemplate = Annotated[str, Field(max_length=255), TextRule(FILENAME_PATTERN, check_filename_template)]
