"""Sums up what scenes took: executions, invocations, AWS calls, bytes of documents, log and table."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.installation import Installation

_STACK = re.compile(r"(?:^|-)(\w+Function)(?:-[^-]*)?$")
_EVENT_OVERHEAD = 26
"""Bytes that CloudWatch Logs bills for each event besides its text."""
_EVENTS_OF_AN_ITERATION = 4
"""It begins and ends, and so does its state; the task's own events come besides."""
_STATUS = "status"
"""The partition of the table that the status page is drawn from."""


@dataclass(frozen=True)
class Scene:
    """One thing that was played: its lines are those of the probe."""

    name: str
    began: float
    ended: float
    lines: Sequence[dict[str, Any]]


class Tally:
    """Of one installation."""

    def __init__(self, installation: Installation, machines: Iterable[str]) -> None:
        self._installation = installation
        self._machines = tuple(machines)
        self._scenes: dict[str, list[dict[str, Any]]] = {}
        self._invocations: list[dict[str, Any]] = []
        self._table_bytes = 0
        self._executions: set[str] = set()

    def add(self, scene: Scene) -> None:
        """Count one scene."""
        invoked = [line | {"function": _function(line["invoked"])} for line in scene.lines if "invoked" in line]
        self._invocations += invoked
        calls = [line for line in scene.lines if "call" in line]
        log = self._log(scene)
        adobe = _adobe_calls(log)
        self._scenes.setdefault(scene.name, []).append(
            {
                "executions": self._histories(),
                "functions": {
                    name: {
                        "invocations": sum(line["function"] == name for line in invoked),
                        "aws": sum(line["function"] == name for line in calls),
                        "adobe": adobe[name],
                    }
                    for name in sorted({line["function"] for line in invoked})
                },
                "calls": dict(sorted(Counter(str(line["call"]) for line in calls).items())),
                "reads": sum(line.get("reads", 0) for line in calls),
                "writes": sum(line.get("writes", 0) for line in calls),
                "documentBytes": sum(line["sent"] for line in calls if line["call"] == "s3:PutObject"),
                "logBytes": sum(len(text.encode()) + _EVENT_OVERHEAD for text in log),
                "tableBytes": self._grown(),
            }
        )

    def document(self, *, deliveries: int) -> dict[str, Any]:
        """Everything, for JSON: the last of the scenes of a name, whose functions were warm."""
        by_function: dict[str, list[dict[str, Any]]] = {}
        for line in self._invocations:
            by_function.setdefault(line["function"], []).append(line)
        items = self._items()
        return {
            "deliveries": deliveries,
            "tableBytes": _size(items),
            "statusBytes": _size(item for item in items if item["pk"]["S"] == _STATUS),
            "functions": {name: _of_function(lines) for name, lines in sorted(by_function.items())},
            "scenes": {name: played[-1] for name, played in self._scenes.items()},
        }

    def _histories(self) -> dict[str, dict[str, int]]:
        """The executions that are new, by workflow."""
        found: dict[str, Counter[str]] = {}
        client = self._installation.cloud.client("stepfunctions")
        for machine in self._machines:
            arn = self._installation.outputs[f"{machine}StateMachineArn"]
            for one in client.list_executions(stateMachineArn=arn)["executions"]:
                if one["executionArn"] not in self._executions:
                    self._executions.add(one["executionArn"])
                    found.setdefault(machine, Counter()).update(self._history(one["executionArn"]))
        return {machine: dict(counted) for machine, counted in found.items()}

    def _history(self, arn: str) -> dict[str, int]:
        """Of one execution, as AWS would have counted it."""
        events = self._installation.history(arn)
        entered = [each["stateEnteredEventDetails"]["name"] for each in events if each["type"].endswith("StateEntered")]
        kinds = Counter(each["type"] for each in events)
        # Scheduled again after a failure, or of an iteration of an inline Map, of which the cloud writes nothing else.
        more = kinds["TaskScheduled"] - kinds["TaskStateEntered"]
        repeats = min(more, kinds["TaskFailed"] + kinds["TaskTimedOut"])
        state = self._installation.describe(arn)
        return {
            "executions": 1,
            # A repeated attempt is billed as a transition, though its state is entered once.
            "transitions": len(entered) + more,
            "repeats": repeats,
            "events": len(events)
            + (kinds["TaskScheduled"] - kinds["TaskStarted"])
            + _EVENTS_OF_AN_ITERATION * (more - repeats),
            "looks": entered.count("CheckRun"),
            "outputBytes": len(state.get("output", "")),
        }

    def _log(self, scene: Scene) -> list[str]:
        logs = self._installation.cloud.client("logs")
        texts: list[str] = []
        for group in logs.describe_log_groups()["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"],
                startTime=int(scene.began * 1000),
                endTime=int(scene.ended * 1000),
            )
            texts += [event["message"] for page in pages for event in page["events"]]
        return texts

    def _items(self) -> list[dict[str, Any]]:
        """Of the state table."""
        pages = (
            self._installation.cloud.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self._installation.outputs["StateTableName"])
        )
        return [item for page in pages for item in page["Items"]]

    def _grown(self) -> int:
        """By how many bytes the table has grown; as many as JSON takes, which is a little too much."""
        size = _size(self._items())
        grown, self._table_bytes = size - self._table_bytes, size
        return grown


def _size(items: Iterable[dict[str, Any]]) -> int:
    return sum(len(json.dumps(item)) for item in items)


def _function(name: str) -> str:
    found = _STACK.search(name)
    assert found, name
    return found[1]


def _of_function(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """CPU seconds of a start, of a process's first invocation, and of a later one."""
    cold = [line for line in lines if line["init"] is not None]
    warm = [line["cpu"] for line in lines if line["init"] is None] or [line["cpu"] for line in cold]
    return {
        "memory": lines[0]["memory"],
        "cpu": round(statistics.median(warm), 4),
        "startCpu": round(min(line["init"] for line in cold), 4),
        "firstCpu": round(min(line["cpu"] for line in cold), 4),
        "peakMegabytes": round(max(line["peak"] for line in lines)),
        "measured": len(lines),
    }


def _adobe_calls(log: Iterable[str]) -> Counter[str]:
    """From the figures that the functions write into their log."""
    calls: Counter[str] = Counter()
    for text in log:
        if '"AdobeCalls"' in text:
            figures = json.loads(text)
            counted = figures.get("AdobeCalls", 0)
            calls[_function(figures["function"])] += int(sum(counted) if isinstance(counted, list) else counted)
    return calls
