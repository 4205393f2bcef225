"""Planted faults: answers that never come from the service, answers that get lost, connections that break."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.adobe.http import Call, Json, Reply

ACTIONS = frozenset({"respond", "lose-answer", "drop", "delay", "fail-operation", "pass"})


class FaultError(ValueError):
    """A rule that can't be planted; the message says why."""


@dataclass(frozen=True)
class Action:
    """What happens to one request.

    ``respond``: the reply instead of the service, without effect. ``drop``: no effect and no reply. ``lose-answer``:
    the effect happens, the reply is lost. ``delay``: only later, by wall time. ``fail-operation``: the change is
    accepted, its asynchronous half ends with errors. ``pass``: nothing, for taking turns.
    """

    kind: str
    reply: Reply | None = None
    delay: float = 0.0
    errors: tuple[Json, ...] = ()


@dataclass
class Rule:
    """Which requests are hit: of those that match, the `nth` and the following, `times` in all."""

    actions: Sequence[Action]
    method: str | None
    path: re.Pattern[str]
    nth: int = 1
    times: int | None = 1
    seen: int = 0
    hits: int = field(default=0)

    def take(self, call: Call, target: str) -> Action | None:
        """The action for `call`, counting it; None where the rule doesn't apply."""
        if (self.method is not None and call.method != self.method) or not self.path.search(target):
            return None
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.hits >= self.times):
            return None
        self.hits += 1
        return self.actions[(self.hits - 1) % len(self.actions)]

    def show(self) -> Json:
        return {
            "method": self.method,
            "path": self.path.pattern,
            "nth": self.nth,
            "times": self.times,
            "actions": [action.kind for action in self.actions],
            "seen": self.seen,
            "hits": self.hits,
        }


class Faults:
    """The planted rules; the first that applies decides. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def plant(self, document: object) -> None:
        """Add a rule from its JSON form. Raises :class:`FaultError`."""
        rule = parse(document)
        with self._lock:
            self._rules.append(rule)

    def take(self, call: Call) -> Action | None:
        query = "&".join(f"{name}={value}" for name, value in call.query)
        target = f"{call.path}?{query}" if query else call.path
        with self._lock:
            for rule in self._rules:
                action = rule.take(call, target)
                if action is not None:
                    return action
        return None

    def show(self) -> list[Json]:
        with self._lock:
            return [rule.show() for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()


def parse(document: object) -> Rule:
    """Read ``{"method", "path", "nth", "times", "action" | "rotate"}``. Raises :class:`FaultError`."""
    if not isinstance(document, dict):
        raise FaultError("a fault is a JSON object")
    if unknown := set(document) - {"method", "path", "nth", "times", "action", "rotate"}:
        raise FaultError(f"unknown keys: {', '.join(sorted(unknown))}")
    rotated = document.get("rotate")
    wanted: list[Any] = rotated if isinstance(rotated, list) else [document.get("action")]
    if not wanted:
        raise FaultError("rotate must hold at least one action")
    nth, times = document.get("nth", 1), document.get("times", 1)
    if not isinstance(nth, int) or nth < 1 or not (times is None or (isinstance(times, int) and times > 0)):
        raise FaultError("nth and times are whole numbers from 1; times may be null for every request")
    method = document.get("method")
    try:
        path = re.compile(document.get("path", ""))
    except (re.error, TypeError) as error:
        raise FaultError(f"path is not a regular expression: {error}") from error
    return Rule(
        [_action(item) for item in wanted], method.upper() if isinstance(method, str) else None, path, nth, times
    )


def _action(document: object) -> Action:
    if not isinstance(document, dict) or document.get("type") not in ACTIONS:
        raise FaultError(f"an action has a type, one of {', '.join(sorted(ACTIONS))}")
    delay = document.get("seconds", 0)
    if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= 60:
        raise FaultError("seconds must be between 0 and 60")
    reply = None
    if document["type"] == "respond":
        status = document.get("status")
        if not isinstance(status, int) or not 200 <= status <= 599:
            raise FaultError("respond needs a status")
        headers = {str(name): str(value) for name, value in document.get("headers", {}).items()}
        reply = Reply(status, document.get("body"), headers)
    return Action(document["type"], reply, float(delay), tuple(document.get("errors", ())))
