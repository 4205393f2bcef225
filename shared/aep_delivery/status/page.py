"""The status document as one HTML file that needs nothing else: no network, no server, no script to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from aep_delivery.status.document import StatusDocument
from aep_delivery.verification.receipt import look
from aep_delivery.verification.receipt.verdicts import sense_of_word

_PACKAGE = "aep_delivery.status"
_MARGIN = 1.15
"""The bar of the volume is that much longer than the greatest of what it compares."""
_SIGNS = {"good": "=", "calm": "·", "warn": "*", "bad": "!"}
"""As reports mark files: whole, different, wrong."""


def render_status(document: StatusDocument) -> str:
    """The page as a complete HTML document in UTF-8.

    Its content security policy allows its own style and script, by their hashes, and nothing else. The links to
    receipts are relative, so that the page works wherever the work bucket is copied to.
    """
    style = look.asset("look.css") + look.asset("status.css", _PACKAGE)
    script = look.asset("tables.js") + look.asset("status.js", _PACKAGE)
    return (
        _environment()
        .get_template("status.html.j2")
        .render(
            status=document,
            volume=document.volume,
            style=style,
            script=script,
            policy=look.policy(style, script),
        )
    )


def link_to(key: str) -> str:
    """A key of the work bucket as seen from the page, which lies in a folder of its own."""
    return "../" + quote(key)


@cache
def _environment() -> Environment:
    made = look.environment(_PACKAGE)
    made.filters.update(minute=_minute, day=_day, link=link_to)
    made.globals.update(tone_of=_tone_of, share=_share, signs=_SIGNS, searched_table=8)
    return made


def _minute(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}"


def _day(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d}"


def _share(part: int, *of: int) -> str:
    """How far `part` goes on a bar that holds all of `of`, in its units of 1,000."""
    return f"{1000 * part / (max(*of, 1) * _MARGIN):.0f}"


def _tone_of(verdict: str) -> str:
    return sense_of_word(verdict).tone.value
