"""Writes ``docs/explanation/cost.md``: words from a template, tables from counts and prices."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from benchmarks.cost.bill import TRANSITIONS_PER_LOOK, Amounts, Bill, Prices, looks
from benchmarks.cost.growth import (
    HISTORY_EVENTS,
    WATCHES,
    adobe_per_look,
    adobe_per_second,
    limits,
    month,
    needed,
    per_delivery,
)
from benchmarks.cost.installation import default, idle
from benchmarks.cost.terabyte import FORMS, proof

ROOT = Path(__file__).parents[2]
COUNTS = ROOT / "benchmarks" / "cost-counts.json"
PAGE = ROOT / "docs" / "explanation" / "cost.md"
WORDS = Path(__file__).parent / "page.md"
_SCENES = {
    "first": "A new delivery of a dataset",
    "repeated": "The same, dropped again",
    "audience": "An audience, applied before, at a slot of its schedule",
    "search that finds a run": "A run of Adobe's own, found and verified",
    "failing": "A config that names a dataset that cannot be exported",
}
_COMES = {"repeated": "dropped", "search that finds a run": "by Adobe's schedule"}
_EVENTS_PER_LOOK = 9
"""In the history: five of a task, two of a choice, two of a wait."""


def counts() -> dict[str, Any]:
    """Those of the repository."""
    document: dict[str, Any] = json.loads(COUNTS.read_text("utf-8"))
    return document


def render() -> str:
    """The page, from what is in the repository."""
    bill = Bill(counts(), Prices.read())
    longest = int(bill.prices.assumed["first_wait_seconds"])
    return Template(WORDS.read_text("utf-8")).substitute(
        counted=bill.counts["countedOn"],
        written=bill.prices.written,
        known=bill.counts["deliveries"],
        looks=bill.looks,
        run_minutes=bill.prices.assumed["run_minutes"],
        looks_12h=(twelve := looks(12 * 60, longest)),
        look_usd=f"{twelve * TRANSITIONS_PER_LOOK * bill.prices.usd(Amounts(transition=1)):.4f}",
        look_days=f"{(HISTORY_EVENTS - 200) / _EVENTS_PER_LOOK * 600 / 86400:.0f}",
        largest=f"{limits(bill)[0].deliveries:,}",
        first_limit=limits(bill)[0].limit,
        sent=bill.counts["scenes"]["repeated"]["calls"]["events:PutEvents"],
        midnight=f"{100_000 * bill.amounts('repeated', cold=0)['transition'] / 3600:,.0f}",
        scenes=_scenes(bill),
        watches=_watches(bill),
        idle=_idle(bill),
        months=_months(bill),
        limits=_limits(bill),
        terabyte=_terabyte(bill),
        functions=_functions(bill),
        prices=_prices(bill.prices),
        assumed=_table(("", ""), ([f"`{name}`", f"{value:,}"] for name, value in bill.prices.assumed.items())),
    )


def _scenes(bill: Bill) -> str:
    rows = []
    for name, title in _SCENES.items():
        warm, cold = bill.amounts(name, cold=0), bill.amounts(name, cold=1)
        scene = bill.counts["scenes"][name]
        rows.append(
            [
                title,
                f"{warm['transition']:.0f}",
                f"{sum(each['events'] for each in scene['executions'].values())}",
                f"{warm['invocation']:.0f}",
                f"{warm['gb_second']:.1f}",
                f"{cold['gb_second']:.1f}",
                f"{bill.adobe_calls(name):.0f}",
                f"{warm['s3_write']:.0f} / {warm['s3_read']:.0f}",
                f"{warm['table_write']:.0f} / {warm['table_read']:.0f}",
                f"{warm['event']:.0f}",
                f"{warm['secret_call']:.0f}",
                f"{scene['logBytes'] / 1000:.0f}",
                f"{scene['documentBytes'] / 1000:.0f}",
                _usd(bill.prices.usd(warm)),
                _usd(bill.prices.usd(cold)),
            ]
        )
    head = (
        "", "transitions", "history events", "invocations", "GB-s warm", "GB-s cold", "calls to Adobe",
        "S3 writes / reads",
        "DynamoDB units written / read", "events", "secret reads", "log KB", "documents KB", "$ warm", "$ cold",
    )  # fmt: skip
    return _table(head, rows)


def _watches(bill: Bill) -> str:
    rows = []
    for watch in WATCHES:
        one = per_delivery(bill, watch, cold=0)
        base = bill.amounts(f"{watch}, none", cold=1)
        rows.append(
            [
                f"`{watch}`",
                f"{base['transition']:.0f}",
                _usd(bill.prices.usd(base)),
                f"{one['transition']:.1f}",
                f"{one['gb_second']:.2f}",
                f"{adobe_per_look(bill, watch):.1f}",
                _usd(bill.prices.usd(one)),
            ]
        )
    head = (
        "",
        "transitions",
        "$",
        "transitions a delivery",
        "GB-s a delivery",
        "calls to Adobe a delivery",
        "$ a delivery",
    )
    return _table(head, rows)


def _idle(bill: Bill) -> str:
    parts = idle(bill, key=True)
    return _table(("", "$ a month"), ([name, f"{bill.prices.usd(amounts):.2f}"] for name, amounts in parts.items()))


def _months(bill: Bill) -> str:
    rows = []
    for scale in bill.prices.scales:
        for scene, comes in _COMES.items():
            dollars = [bill.prices.usd(amounts) for amounts in month(bill, scale, scene).values()]
            rows.append(
                [
                    f"{scale.deliveries:,}",
                    comes,
                    f"{needed(bill, scale)}",
                    f"{scale.find_runs_per_day}",
                    f"{adobe_per_second(bill, scale, scene):.2f}",
                    *(f"{part:,.2f}" for part in (*dollars, sum(dollars))),
                    _usd(sum(dollars) / scale.deliveries / bill.prices.assumed["days_per_month"]),
                ]
            )
    head = (
        "deliveries a day", "which come", "installations", "`FindRuns` a day", "calls to Adobe a second",
        "deliveries $", *(f"`{watch}` $" for watch in WATCHES), "status page $", "without work $", "a month $",
        "a delivery $",
    )  # fmt: skip
    return _table(head, rows)


def _limits(bill: Bill) -> str:
    rows = ([each.limit, each.reckoned, f"{each.deliveries:,}", each.remedy] for each in limits(bill))
    return _table(("limit", "reckoned with", "deliveries", "what to do"), rows)


def _terabyte(bill: Bill) -> str:
    rows = []
    for file_type, compression in FORMS:
        said = proof(file_type, compression, bill.prices, at_a_time=int(default("VerifyConcurrency")))
        rows.append(
            [
                said.form,
                f"{said.megabytes_per_second:.0f}",
                f"{said.amounts['gb_second']:,.0f}",
                f"{said.requests:,}",
                f"{said.batches:,}",
                f"{said.amounts['transition']:,.0f}",
                f"{said.hours:.1f}",
                f"{bill.prices.usd(said.amounts):.2f}",
            ]
        )
    head = ("", "MB/s a function", "GB-s", "requests", "batches", "transitions", "hours", "$ a TB")
    return _table(head, rows)


def _functions(bill: Bill) -> str:
    rows = (
        [
            f"`{name.removesuffix('Function')}`",
            str(each["memory"]),
            f"{each['startCpu']:.2f}",
            f"{each['firstCpu']:.3f}",
            f"{each['cpu']:.3f}",
            str(each["peakMegabytes"]),
            str(each["measured"]),
        ]
        for name, each in bill.counts["functions"].items()
    )
    head = ("", "memory MB", "start, CPU s", "first, CPU s", "later, CPU s", "peak MB", "measured")
    return _table(head, rows)


def _prices(prices: Prices) -> str:
    rows = ([each.what, f"{each.usd:g}", f"[page]({each.page})"] for each in prices.prices.values())
    return _table(("", "$", ""), rows)


def _usd(dollars: float) -> str:
    return f"{dollars:.5f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown; all columns but the first are numbers, where the first row has them."""
    body = [list(row) for row in rows]
    numbers = [any(row[column][:1].isdigit() for row in body) for column in range(len(head))]
    rule = ["---:" if column and numbers[column] else "---" for column in range(len(head))]
    lines = [list(head), rule, *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
