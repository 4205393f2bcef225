"""What many deliveries cost a month, and how many one installation carries."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from benchmarks.cost.bill import Amounts, Bill, Scale
from benchmarks.cost.installation import default, idle, looks_per_day

WATCHES = ("FindRuns", "WatchFreshness", "DetectDrift")
HISTORY_EVENTS = 25_000
PAYLOAD_BYTES = 262_144
_STATUS_WINDOW = 5
"""Seconds in which the endings of deliveries are drawn together."""
_PAGE_BYTES = 1_048_576
_PAGE_SECONDS = 0.1
"""A page of a scan or a query: what DynamoDB takes to bring it, and what we take to read it."""


class Most(NamedTuple):
    """How many deliveries one installation carries as far as one limit goes."""

    limit: str
    reckoned: str
    deliveries: int
    remedy: str


def per_delivery(bill: Bill, watch: str, *, cold: float) -> Amounts:
    """What one more delivery adds to one look of a watch."""
    many, none = (bill.amounts(f"{watch}, {which}", cold=cold) for which in ("many", "none"))
    return Amounts({key: max(0.0, many[key] - none[key]) / _known(bill) for key in many})


def per_known(bill: Bill, watch: str, figure: str) -> float:
    """By how much a figure of a watch's execution grows with each delivery: ``events`` or ``outputBytes``."""
    many, none = (bill.counts["scenes"][f"{watch}, {which}"]["executions"][watch][figure] for which in ("many", "none"))
    return float(many - none) / _known(bill)


def adobe_per_look(bill: Bill, watch: str) -> float:
    """Requests to Adobe for each delivery a watch looks at."""
    return bill.adobe_calls(f"{watch}, many") / _known(bill)


def _known(bill: Bill) -> int:
    """How many deliveries the watches knew in the scenes of many."""
    return int(bill.counts["deliveries"])


def month(bill: Bill, scale: Scale, scene: str) -> dict[str, Amounts]:
    """What a month costs, by what it is for.

    Args:
        bill: For counts and prices.
        scale: How many deliveries there are.
        scene: How each comes.
    """
    days, installations = bill.prices.assumed["days_per_month"], needed(bill, scale)
    parts = {"Deliveries": bill.amounts(scene, cold=scale.cold) * (scale.deliveries * days)}
    own = scale.deliveries / installations
    for watch in WATCHES:
        looks = _looks(watch, scale.find_runs_per_day) * days
        amounts = per_delivery(bill, watch, cold=scale.cold) * (scale.deliveries * looks)
        # Each look reads the whole table for the names of the deliveries.
        scanned = ceil(own * bill.counts["tableBytes"] / bill.counts["deliveries"] / 4096)
        parts[watch] = amounts + Amounts(table_read=scanned * looks * installations)
    draws = min(own, 24 * 3600 / _STATUS_WINDOW) * days * installations
    parts["Status page"] = Amounts(table_read=draws * ceil(own * status_bytes(bill) / 4096) / 2)
    parts["Without work"] = sum(idle(bill, key=False).values(), Amounts()) * installations
    return parts


def adobe_per_second(bill: Bill, scale: Scale, scene: str) -> float:
    """Requests to Adobe, on average, of all installations together."""
    watched = sum(adobe_per_look(bill, watch) * _looks(watch, scale.find_runs_per_day) for watch in WATCHES)
    return scale.deliveries * (bill.adobe_calls(scene) + watched) / (24 * 3600)


def _looks(watch: str, find_runs_per_day: float) -> float:
    """How often a day a watch looks."""
    return find_runs_per_day if watch == "FindRuns" else looks_per_day(watch)


def status_bytes(bill: Bill) -> float:
    """What the status page keeps of a delivery."""
    return float(bill.counts["statusBytes"] / bill.counts["deliveries"])


def needed(bill: Bill, scale: Scale) -> int:
    """How many installations carry so many deliveries, if Adobe allows all of their calls."""
    bounds = [_of_history(bill), _of_payload(bill), _of_time(bill, scale.find_runs_per_day)]
    return ceil(scale.deliveries / min(each.deliveries for each in (*bounds, _of_scan(bill), _of_status(bill))))


def limits(bill: Bill) -> list[Most]:
    """What bounds the deliveries of one installation with the schedules of its defaults, the first to come first."""
    time = _of_time(bill, looks_per_day("FindRuns"))
    found = [
        _of_history(bill),
        _of_payload(bill),
        time,
        _of_adobe(bill),
        _of_intake(bill),
        _of_scan(bill),
        _of_status(bill),
    ]
    return sorted(found, key=lambda most: most.deliveries)


def _of_history(bill: Bill) -> Most:
    most, watch = min(
        (
            (HISTORY_EVENTS - bill.counts["scenes"][f"{watch}, none"]["executions"][watch]["events"])
            // per_known(bill, watch, "events"),
            watch,
        )
        for watch in WATCHES
    )
    return Most(
        "History of an execution of a watch: 25,000 events",
        f"{per_known(bill, watch, 'events'):.0f} events for each delivery of an inline Map",
        int(most),
        "Several installations; or make the Map of the watch a distributed one",
    )


def _of_payload(bill: Bill) -> Most:
    size, watch = max((per_known(bill, watch, "outputBytes"), watch) for watch in WATCHES)
    return Most(
        "Payload of a state: 256 KiB",
        f"{size:.0f} bytes for each delivery in what `{watch}` ends with",
        int(PAYLOAD_BYTES / size),
        "Several installations; or a distributed Map that writes its results into the work bucket",
    )


def _of_time(bill: Bill, looks: float) -> Most:
    function = "FindRunsFunction"
    seconds = bill.seconds(function, bill.scene("FindRuns, many")["functions"][function], 0) / _known(bill)
    every = 24 * 3600 / looks
    return Most(
        f"`find_runs` is over before the next look: {every / 60:.0f} minutes",
        f"{seconds:.2f} s for each delivery, two at a time",
        int(every * 2 / seconds),
        "A longer `RunsScheduleExpression`; a run is then found later",
    )


def _of_adobe(bill: Bill) -> Most:
    rate = float(default("AdobeRequestsPerSecond"))
    watched = sum(adobe_per_look(bill, watch) * looks_per_day(watch) for watch in WATCHES)
    calls = bill.adobe_calls("repeated") + watched
    return Most(
        f"Requests to Adobe: {rate:g} a second (`AdobeRequestsPerSecond`)",
        f"{bill.adobe_calls('repeated'):.0f} for a delivery, {watched:.0f} a day for watching it",
        int(rate * 24 * 3600 / calls),
        "A higher rate, agreed with Adobe; fewer looks. Installations in one organisation share what Adobe allows",
    )


def _of_intake(bill: Bill) -> Most:
    seconds, timeout = bill.prices.assumed["aws_call_seconds"], 60
    return Most(
        f"`receive_request` starts all that lies below `ScheduledKeys` within its {timeout} s",
        f"{seconds:g} s assumed for each StartExecution",
        int(timeout / seconds),
        "A shorter prefix, and schedules of their own for the others",
    )


def _of_scan(bill: Bill) -> Most:
    size = bill.counts["tableBytes"] / bill.counts["deliveries"]
    timeout = 60
    return Most(
        f"`list_deliveries` reads the table within its {timeout} s",
        f"{size / 1000:.1f} KB for each delivery, {_PAGE_SECONDS:g} s assumed for each page of 1 MiB",
        int(timeout / _PAGE_SECONDS * _PAGE_BYTES / size),
        "Several installations; or an index of deliveries alone, which costs a write with each change",
    )


def _of_status(bill: Bill) -> Most:
    window = 60
    return Most(
        "The status page is drawn within a minute",
        f"{status_bytes(bill) / 1000:.1f} KB for each delivery, {_PAGE_SECONDS:g} s assumed for each page of 1 MiB",
        int(window / _PAGE_SECONDS * _PAGE_BYTES / status_bytes(bill)),
        "Several installations, with a page each",
    )
