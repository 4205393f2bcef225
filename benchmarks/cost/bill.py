"""What a scene costs: its counts as amounts of what AWS bills, and these at list prices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aep_delivery.running.check import LONGEST_WAIT, WAIT_GROWTH

PRICES = Path(__file__).parents[1] / "cost-prices.toml"
TRANSITIONS_PER_LOOK = 3
"""``CheckRun``, ``RunFinished``, ``WaitForRun``."""
_S3_WRITES = ("s3:PutObject", "s3:ListBucket", "s3:ListBucketVersions")
_S3_READS = ("s3:GetObject", "s3:GetObjectVersion")
_WAITS = "Deliver"
_LOOKING = "CheckRunFunction"

Scene = Mapping[str, Any]


class Amounts(dict[str, float]):
    """By the key of a price, in units, of which ``per`` cost ``usd``; nothing of what is not named."""

    def __missing__(self, key: str) -> float:
        return 0.0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts({key: self[key] + other[key] for key in {**self, **other}})

    def __mul__(self, factor: float) -> Amounts:
        return Amounts({key: amount * factor for key, amount in self.items()})


class Price(NamedTuple):
    """One line of the list."""

    key: str
    what: str
    usd: float
    per: int
    page: str


class Scale(NamedTuple):
    """How much is delivered, and how it is watched."""

    deliveries: int
    """That there are, each of which comes once a day."""
    cold: float
    """The share of invocations that start a process."""
    find_runs_per_day: float


class Prices:
    """The list, and what is assumed beside it."""

    def __init__(self, text: str) -> None:
        document = tomllib.loads(text)
        self.written = document["list"]["written"]
        self.region = str(document["list"]["region"])
        self.prices = {each["key"]: Price(**each) for each in document["price"]}
        self.assumed: dict[str, float] = document["assumed"]
        self.scales = [Scale(**each) for each in document["scale"]]

    @classmethod
    def read(cls) -> Prices:
        """Those of the repository."""
        return cls(PRICES.read_text("utf-8"))

    def usd(self, amounts: Mapping[str, float]) -> float:
        """Dollars. Raises ``KeyError`` where something has no price."""
        return sum(amount * self.prices[key].usd / self.prices[key].per for key, amount in amounts.items())


def looks(minutes: float, first_wait: float) -> int:
    """How often a run is looked at that takes so long, the look that finds it over included."""
    waited, count = 0.0, 1
    while waited < minutes * 60:
        waited += max(1, int(min(first_wait * WAIT_GROWTH ** (count - 1), LONGEST_WAIT)))
        count += 1
    return count


class Bill:
    """Reckons with one set of counts and prices."""

    def __init__(self, counts: Mapping[str, Any], prices: Prices) -> None:
        self.counts = counts
        self.prices = prices
        self.looks = looks(prices.assumed["run_minutes"], prices.assumed["first_wait_seconds"])

    def scene(self, name: str) -> Scene:
        """The counts of a scene, with the looks that a run on AWS takes instead of those of an emulated one."""
        found: dict[str, Any] = self.counts["scenes"][name]
        # Whoever verifies a run of Adobe's own was told of it when it was over.
        waiting = found["executions"].get(_WAITS, {"executions": 0, "looks": 0})
        if not waiting["looks"]:
            return found
        more = self.looks * waiting["executions"] - waiting["looks"]
        function = found["functions"][_LOOKING]
        invocations = function["invocations"]
        share = 1 + more / invocations
        grown = {each: function[each] * share for each in ("aws", "adobe")} | {"invocations": invocations + more}
        log = found["logBytes"] / sum(each["invocations"] for each in found["functions"].values())
        return found | {
            "functions": found["functions"] | {_LOOKING: grown},
            "logBytes": found["logBytes"] + more * log,
            "moreTransitions": more * TRANSITIONS_PER_LOOK,
        }

    def seconds(self, function: str, taken: Mapping[str, float], cold: float) -> float:
        """What all invocations of a function in a scene are billed for; `cold` is the share that starts a process."""
        measured, assumed = self.counts["functions"][function], self.prices.assumed
        processor = min(1.0, measured["memory"] / assumed["megabytes_per_processor"]) * assumed["lambda_speed"]
        cpu = measured["cpu"] / processor
        start = measured["startCpu"] / assumed["lambda_speed"] + measured["firstCpu"] / processor - cpu
        waits = taken["adobe"] * assumed["adobe_call_seconds"] + taken["aws"] * assumed["aws_call_seconds"]
        return float(taken["invocations"] * (cpu + cold * max(0.0, start)) + waits)

    def amounts(self, name: str, *, cold: float) -> Amounts:
        """What a scene takes of everything that is billed by use, and what is kept of it afterwards."""
        scene, assumed = self.scene(name), self.prices.assumed
        functions, calls = scene["functions"], scene["calls"]
        queued = sum(
            functions.get(each, {}).get("invocations", 0) for each in ("ReceiveRequestFunction", "DrawStatusFunction")
        )
        dropped = functions.get("ReceiveRequestFunction", {}).get("invocations", 0)
        executions = scene["executions"].values()
        log = scene["logBytes"] / assumed["gigabyte"]
        found = Amounts(
            {
                "transition": sum(each["transitions"] for each in executions) + scene.get("moreTransitions", 0),
                "invocation": sum(each["invocations"] for each in functions.values()),
                "gb_second": sum(
                    self.seconds(function, taken, cold) * self.counts["functions"][function]["memory"] / 1024
                    for function, taken in functions.items()
                ),
                "s3_write": sum(calls.get(action, 0) for action in _S3_WRITES),
                "s3_read": sum(calls.get(action, 0) for action in _S3_READS),
                "s3_gb_month": scene["documentBytes"] / assumed["gigabyte"] * assumed["document_months"],
                "table_read": scene["reads"],
                "table_write": scene["writes"],
                "table_gb_month": max(0, scene["tableBytes"]) / assumed["gigabyte"] * assumed["document_months"],
                # Of ours, and the one of S3 that a dropped config makes.
                "event": calls.get("events:PutEvents", 0) + dropped,
                "message": queued * assumed["requests_per_message"],
                "secret_call": calls.get("secretsmanager:GetSecretValue", 0),
                "log_gb": log,
                "log_gb_month": log * assumed["log_months"],
                "trace": sum(each["executions"] for each in executions) + queued,
            }
        )
        return Amounts({key: amount for key, amount in found.items() if amount})

    def adobe_calls(self, name: str) -> float:
        """Requests to Adobe in a scene."""
        return float(sum(each["adobe"] for each in self.scene(name)["functions"].values()))
