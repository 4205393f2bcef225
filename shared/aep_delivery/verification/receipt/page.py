"""The receipt as one HTML file that needs nothing else: no network, no server, no script to be read."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment

from aep_delivery.verification.receipt import chart, history, look, repeat, timeline
from aep_delivery.verification.receipt.going_on import way_on
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.proof import blamed, proof_of, trouble_first
from aep_delivery.verification.receipt.verdicts import sense_of, sense_of_word
from aep_delivery.verification.report import ChangeKind, FileReport, FileState

LONG_TABLE = 60
"""A table of more files than this gets a frame of its own to scroll in, and is cut on paper."""
SEARCHED_TABLE = 8
"""A table of fewer files than this is read at a glance: a field to find one in it would only stand in the way."""
MANY_CHECKS = 4
"""More commands of other tools than these are folded up."""


def render_page(receipt: Receipt) -> str:
    """The receipt as a complete HTML document in UTF-8.

    The page's content security policy allows its own style and script, by their hashes, and nothing else.
    """
    style, script = look.asset("look.css") + look.asset("page.css"), look.asset("tables.js")
    report = receipt.verification
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            receipt=receipt,
            sense=sense_of(receipt),
            way=way_on(receipt),
            proof=proof_of(report) if report else None,
            exports=trouble_first(report) if report else [],
            blamed=blamed(report) if report else set(),
            style=style,
            script=script,
            policy=look.policy(style, script),
            history=history.of(receipt),
            bars=timeline.bars(receipt.timeline, receipt.finished_at),
            ours=repeat.own_checks(receipt),
            others=repeat.other_checks(receipt),
            checksums=repeat.checksum_lines(report.exports if report else []),
            part_checksums=repeat.part_lines(report.exports if report else []),
        )
    )


@cache
def _environment() -> Environment:
    made = look.environment()
    made.globals.update(
        rows_chart=chart.rows_chart,
        bytes_chart=chart.bytes_chart,
        trouble_first=_trouble_first,
        sense_of_word=sense_of_word,
        file_states=tuple(FileState),
        change_kinds=tuple(ChangeKind),
        long_table=LONG_TABLE,
        searched_table=SEARCHED_TABLE,
        many_checks=MANY_CHECKS,
    )
    return made


def _trouble_first(reports: list[FileReport]) -> list[FileReport]:
    return sorted(reports, key=lambda file: file.state is FileState.WHOLE)
