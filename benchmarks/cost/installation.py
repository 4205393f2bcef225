"""What the template makes and what it costs while nothing is delivered."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from aep_delivery.runtime.figures import FIGURES
from benchmarks.cost.bill import Amounts, Bill

ROOT = Path(__file__).parents[2]
_PARAMETERS = {
    "FindRuns": "RunsScheduleExpression",
    "WatchFreshness": "FreshnessScheduleExpression",
    "DetectDrift": "DriftScheduleExpression",
}
_DRAWS = "DrawStatusFunction"
_PER_DAY = {"minutes": 24 * 60, "minute": 24 * 60, "hours": 24, "hour": 24, "days": 1, "day": 1}


@cache
def template() -> dict[str, Any]:
    """The SAM template."""
    document: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
    return document


def default(parameter: str) -> Any:
    """Of a parameter of the template."""
    return template()["Parameters"][parameter]["Default"]


def looks_per_day(watch: str) -> float:
    """How often a watch looks by default."""
    number, unit = default(_PARAMETERS[watch]).removeprefix("rate(").removesuffix(")").split()
    return _PER_DAY[unit] / int(number)


def count_of(kind: str) -> int:
    """How many resources of a type the template has."""
    return sum(resource["Type"] == kind for resource in template()["Resources"].values())


def idle(bill: Bill, *, key: bool) -> dict[str, Amounts]:
    """What a month costs in which nothing is delivered, by what it is for.

    Args:
        bill: For the counts.
        key: Whether the stack is encrypted with a key of the customer's.
    """
    assumed = bill.prices.assumed
    days = assumed["days_per_month"]
    alarms, boards = count_of("AWS::CloudWatch::Alarm"), count_of("AWS::CloudWatch::Dashboard")
    asked = count_of("AWS::Lambda::EventSourceMapping")
    polls = asked * assumed["polls_per_queue_and_day"] * days
    watches = Amounts()
    for watch in _PARAMETERS:
        watches += (bill.amounts(f"{watch}, none", cold=1) + Amounts(schedule=1)) * (looks_per_day(watch) * days)
    seconds = bill.seconds(_DRAWS, {"invocations": 1, "adobe": 0, "aws": 5}, 1)
    drawing = Amounts(
        invocation=1,
        message=assumed["requests_per_message"],
        gb_second=seconds * bill.counts["functions"][_DRAWS]["memory"] / 1024,
    )
    parts = {
        "Secrets: Adobe's and one destination's": Amounts(secret_month=2),
        f"{alarms} alarms": Amounts(alarm_month=alarms),
        f"Dashboards: {boards}": Amounts(dashboard_month=boards),
        f"{len(FIGURES)} metrics, if each is told in every hour": Amounts(metric_month=len(FIGURES)),
        f"{asked} queues that functions ask for messages": Amounts(message=polls),
        "The status page, drawn every hour": drawing * (24 * days),
        "The three watches, with nothing to look at": watches,
    }
    return parts | ({"A key of yours (`CustomerKeyArn`)": Amounts(key_month=1)} if key else {})
