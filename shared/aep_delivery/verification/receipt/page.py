"""The receipt as one HTML file that needs nothing else: no network, no server, no script to be read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aep_delivery.verification.receipt import chart, figures, repeat, timeline
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.proof import proof_of, trouble_first
from aep_delivery.verification.receipt.verdicts import sense_of
from aep_delivery.verification.report import FileReport, FileState

LONG_TABLE = 60
"""A table of more files than this gets a frame of its own to scroll in, and is cut on paper."""

_FILTERS: dict[str, Callable[..., str]] = {
    "count": figures.count,
    "signed": figures.signed,
    "plural": figures.plural,
    "size": figures.size,
    "duration": figures.duration,
    "moment": figures.moment,
    "iso": figures.iso,
    "visible": figures.visible,
    "within": figures.within,
}


def render_page(receipt: Receipt) -> str:
    """The receipt as a complete HTML document in UTF-8.

    The page's content security policy allows its own style and script, by their hashes, and nothing else.
    """
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            receipt=receipt,
            sense=sense_of(receipt),
            proof=proof_of(receipt.verification) if receipt.verification else None,
            exports=trouble_first(receipt.verification) if receipt.verification else [],
            style=style,
            script=script,
            policy=(
                f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; img-src data:; "
                "base-uri 'none'; form-action 'none'"
            ),
            bars=timeline.bars(receipt.timeline, receipt.finished_at),
            checks=repeat.checks(receipt),
            checksums=repeat.checksum_lines(receipt.verification.exports if receipt.verification else []),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aep_delivery.verification.receipt"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    environment.globals.update(
        rows_chart=chart.rows_chart,
        bytes_chart=chart.bytes_chart,
        trouble_first=_trouble_first,
        long_table=LONG_TABLE,
    )
    return environment


@cache
def _asset(name: str) -> Markup:
    text = (files("aep_delivery.verification.receipt") / "templates" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - a file of this package


def _source(content: str) -> str:
    """The CSP source expression that allows exactly this inline content."""
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _trouble_first(reports: list[FileReport]) -> list[FileReport]:
    return sorted(reports, key=lambda file: file.state is FileState.WHOLE)
