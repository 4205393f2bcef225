"""The page of costs is what counts and prices say, and what is reckoned there is reckoned right."""

from __future__ import annotations

import re
from typing import Any

import pytest

from benchmarks.cost import growth, installation
from benchmarks.cost.bill import Amounts, Bill, Prices, Scale, looks
from benchmarks.cost.page import PAGE, counts, render
from benchmarks.cost.terabyte import FORMS, proof

PRICES = """
[list]
written = 2026-01-01
region = "us-east-1"
[[price]]
key = "transition"
what = "a thousand transitions"
usd = 0.025
per = 1000
page = "https://example.com"
[[price]]
key = "gb_second"
what = "a GB-s"
usd = 2.0
per = 1
page = "https://example.com"
[assumed]
adobe_call_seconds = 0.5
aws_call_seconds = 0.01
lambda_speed = 0.5
megabytes_per_processor = 1000
run_minutes = 1
first_wait_seconds = 30
requests_per_message = 3
log_months = 3
document_months = 12
gigabyte = 1_000_000_000
[[scale]]
deliveries = 10
cold = 1.0
find_runs_per_day = 96
"""


def scene(**changes: Any) -> dict[str, Any]:
    return {
        "executions": {"Deliver": {"executions": 1, "transitions": 10, "events": 40, "looks": 1, "outputBytes": 9}},
        "functions": {"CheckRunFunction": {"invocations": 1, "aws": 2, "adobe": 1}},
        "calls": {"s3:PutObject": 4, "s3:GetObject": 5, "events:PutEvents": 2},
        "reads": 3.0,
        "writes": 2.0,
        "documentBytes": 1_000_000_000,
        "logBytes": 100,
        "tableBytes": 0,
    } | changes


def bill(**scenes: Any) -> Bill:
    functions = {"CheckRunFunction": {"memory": 512, "cpu": 0.1, "startCpu": 0.5, "firstCpu": 0.2}}
    return Bill({"functions": functions, "scenes": scenes or {"one": scene()}}, Prices(PRICES))


def test_the_page_is_what_counts_and_prices_say() -> None:
    assert PAGE.read_text("utf-8") == render(), "call `make pages`"


def test_the_page_has_no_place_left_empty() -> None:
    assert not re.search(r"\$[a-z_]|\bnan\b|\binf\b", PAGE.read_text("utf-8"))


def test_dollars_are_amounts_at_the_price_of_so_many() -> None:
    prices = Prices(PRICES)

    assert prices.usd(Amounts({"transition": 4000, "gb_second": 0.5})) == pytest.approx(0.1 + 1.0)
    with pytest.raises(KeyError):
        prices.usd(Amounts({"unheard of": 1}))


def test_a_run_is_looked_at_more_rarely_the_longer_it_takes() -> None:
    # After 30, 39 and 50 seconds.
    assert [looks(minutes, 30) for minutes in (0, 0.5, 1, 1.5)] == [1, 2, 3, 4]
    assert looks(24 * 60, 30) - looks(12 * 60, 30) == 72


def test_looks_are_those_of_a_run_on_aws() -> None:
    one = bill()

    grown = one.scene("one")["functions"]["CheckRunFunction"]

    assert (one.looks, grown) == (3, {"invocations": 3, "aws": 6.0, "adobe": 3.0})
    assert one.amounts("one", cold=0)["transition"] == 10 + 2 * 3


def test_where_nobody_waits_for_a_run_nothing_is_looked_at() -> None:
    watch = {"FindRuns": {"executions": 1, "transitions": 4, "events": 20, "looks": 0, "outputBytes": 9}}

    assert bill(watch=scene(executions=watch)).amounts("watch", cold=0)["transition"] == 4


def test_a_run_of_adobes_own_is_over_when_it_is_looked_at() -> None:
    execution = {"executions": 1, "transitions": 10, "events": 40, "looks": 1, "outputBytes": 9}

    assert bill(own=scene(executions={"VerifyRun": execution})).amounts("own", cold=0)["transition"] == 10


def test_a_function_is_billed_for_its_share_of_a_processor_and_for_what_it_waits_for() -> None:
    taken = {"invocations": 2, "aws": 10, "adobe": 3}
    warm = 2 * 0.1 / (0.512 * 0.5) + 10 * 0.01 + 3 * 0.5
    start = 0.5 / 0.5 + (0.2 - 0.1) / (0.512 * 0.5)

    assert bill().seconds("CheckRunFunction", taken, 0) == pytest.approx(warm)
    assert bill().seconds("CheckRunFunction", taken, 0.5) == pytest.approx(warm + 2 * 0.5 * start)


def test_what_is_kept_is_paid_for_as_long_as_it_is_kept() -> None:
    amounts = bill().amounts("one", cold=0)

    assert amounts["s3_gb_month"] == 12
    assert amounts["log_gb_month"] == pytest.approx(3 * amounts["log_gb"])


def test_requests_are_sorted_by_their_price() -> None:
    amounts = bill().amounts("one", cold=0)

    assert (amounts["s3_write"], amounts["s3_read"], amounts["event"]) == (4, 5, 2)


def test_everything_that_is_counted_has_a_price() -> None:
    real = Bill(counts(), Prices.read())

    for name in real.counts["scenes"]:
        assert real.prices.usd(real.amounts(name, cold=1)) > real.prices.usd(real.amounts(name, cold=0)) > 0, name


def test_every_action_of_s3_that_is_counted_is_priced_or_free() -> None:
    called = {action for each in counts()["scenes"].values() for action in each["calls"] if action.startswith("s3:")}

    assert called <= {"s3:PutObject", "s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion"}


def test_the_counts_are_of_the_workflows_as_they_are() -> None:
    scenes = counts()["scenes"]
    good = [scenes[name]["executions"] for name in ("first", "repeated", "audience", "search that finds a run")]

    assert all(each["repeats"] == 0 for executions in good for each in executions.values()), "count on an idle machine"
    assert set(counts()["functions"]) <= set(installation.template()["Resources"])
    for name, measured in counts()["functions"].items():
        properties = installation.template()["Resources"][name]["Properties"]
        assert measured["memory"] == properties.get("MemorySize", 512), f"{name}: call `make cost`"


@pytest.mark.parametrize("watch", growth.WATCHES)
def test_a_watch_takes_as_many_transitions_and_events_for_each_delivery(watch) -> None:
    none, one, many = (
        counts()["scenes"][f"{watch}, {which}"]["executions"][watch] for which in ("none", "one", "many")
    )

    for figure in ("transitions", "events"):
        assert many[figure] - none[figure] == counts()["deliveries"] * (one[figure] - none[figure]), figure


def test_more_deliveries_cost_more_in_all_and_less_each() -> None:
    real = Bill(counts(), Prices.read())
    dollars = [
        sum(map(real.prices.usd, growth.month(real, scale, "repeated").values())) for scale in real.prices.scales
    ]

    assert dollars == sorted(dollars)
    each = [spent / number for spent, (number, *_) in zip(dollars, real.prices.scales, strict=True)]
    assert each == sorted(each, reverse=True)


def test_no_installation_carries_more_than_its_first_limit() -> None:
    real = Bill(counts(), Prices.read())
    first = growth.limits(real)[0].deliveries
    at_most = Scale(deliveries=1, cold=0, find_runs_per_day=96)
    carried = min(most.deliveries for most in growth.limits(real) if "Requests to Adobe" not in most.limit)

    assert first <= carried
    assert growth.needed(real, at_most._replace(deliveries=carried)) == 1
    assert growth.needed(real, at_most._replace(deliveries=carried + 1)) == 2


def test_schedules_are_read_from_the_template() -> None:
    assert [installation.looks_per_day(watch) for watch in growth.WATCHES] == [96, 24, 4]
    assert installation.count_of("AWS::Scheduler::Schedule") == 4


@pytest.mark.parametrize(("file_type", "compression"), FORMS)
def test_a_terabyte_twice_as_far_spread_takes_half_the_time(file_type, compression) -> None:
    prices = Prices.read()
    narrow, wide = (proof(file_type, compression, prices, at_a_time=number) for number in (20, 40))

    assert narrow.hours == pytest.approx(2 * wide.hours)
    assert narrow.amounts == wide.amounts
    # A TB at so many MB/s, with one processor for each.
    assert narrow.amounts["gb_second"] > 1e6 / narrow.megabytes_per_second * 1769 / 1024
