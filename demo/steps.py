"""Shows the steps of an execution as they happen."""

from __future__ import annotations

import json
import textwrap
import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from emulator.installation import Installation

_LONG_WAIT = 3.0
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_TASKS = {
    "LoadConfig": "read and check the config",
    "AcquireLock": "one writer per delivery",
    "PlanChanges": "compare with Adobe",
    "EnsureBaseConnection": "POST /connections",
    "EnsureSourceConnection": "POST /sourceConnections",
    "EnsureTargetConnection": "POST /targetConnections",
    "EnsureDataflow": "POST /flows",
    "ActivateAudiences": "PATCH /flows",
    "StartRun": "ask for the run",
    "ReleaseLock": "let others plan",
    "CheckRun": "wait for Adobe's run",
    "VerifyDelivery": "open every file",
    "CheckFiles": "open files, many at a time",
    "JudgeFiles": "bring it all together",
    "RecordOutcome": "write the receipt",
    "HandleFailure": "say what went wrong",
}


@dataclass
class _Step:
    name: str
    started: float
    ended: float | None = None
    tries: int = 1
    note: str = ""
    failed: bool = False


@dataclass
class Watcher:
    """Follows one execution by its history and draws one line a step."""

    installation: Installation
    console: Console
    speed: float
    """How much faster than the sun the workflow's waits pass."""
    steps: dict[str, _Step] = field(default_factory=dict)
    _seen: int = 0
    _current: str = ""

    def follow(self, execution: str, *, seconds: float = 600) -> dict[str, Any]:
        """Draw until the execution ends.

        Returns:
            The execution as Step Functions describes it.

        Raises:
            TimeoutError: It did not end in time.
        """
        end = time.monotonic() + seconds
        with Live(console=self.console, refresh_per_second=12, get_renderable=self._draw) as live:
            while time.monotonic() < end:
                self._read(execution)
                state = self.installation.describe(execution)
                if state["status"] != "RUNNING":
                    self._read(execution)
                    self._end_current()
                    live.refresh()
                    return state
                time.sleep(0.15)
        raise TimeoutError(f"the execution did not end within {seconds:.0f} s")

    def _read(self, execution: str) -> None:
        events = self.installation.history(execution)
        for event in events[self._seen :]:
            self._take(event)
        self._seen = len(events)

    def _take(self, event: dict[str, Any]) -> None:
        at = event["timestamp"].timestamp()
        match event["type"]:
            case kind if kind.endswith("StateEntered"):
                details = event["stateEnteredEventDetails"]
                name = details["name"]
                if name == "WaitForRun":
                    self._note_wait(details.get("input"))
                if name not in _TASKS:
                    return
                if name != self._current:
                    self._end_current(at)
                    self._current = name
                if name in self.steps:
                    self.steps[name].tries += 1
                    self.steps[name].ended = None
                else:
                    self.steps[name] = _Step(name, at)
            case "TaskFailed" | "LambdaFunctionFailed":
                failure = event.get("taskFailedEventDetails") or event.get("lambdaFunctionFailedEventDetails") or {}
                step = self.steps.get(self._current)
                if step is not None:
                    step.tries += 1
                    step.note = _reason(failure)
                    step.failed = failure.get("error") != "TransientError"
            case "TaskSucceeded":
                step = self.steps.get(self._current)
                if step is not None:
                    step.note, step.failed = "", False

    def _note_wait(self, state: str | None) -> None:
        """Say how long the next wait is, where it is worth saying: a slot may be hours of Adobe's time away."""
        step, wait = self.steps.get(self._current), json.loads(state or "{}").get("waitSeconds", 0)
        if step is not None and wait / self.speed > _LONG_WAIT:
            step.note = f"the slot is {wait / 60:.0f} of Adobe's minutes away, {wait / self.speed:.0f} s here"

    def _end_current(self, at: float | None = None) -> None:
        step = self.steps.get(self._current)
        if step is not None and step.ended is None:
            step.ended = at or time.time()

    def _draw(self) -> Text:
        text = Text()
        for step in self.steps.values():
            going = step.ended is None
            frame = _SPINNER[int(time.monotonic() * 12) % len(_SPINNER)]
            mark, style = (frame, "cyan") if going else ("✗", "red") if step.failed else ("✓", "green")
            text.append(f" {mark} ", style=style)
            text.append(f"{step.name:<24}", style="bold" if going else "")
            text.append(f"{_TASKS[step.name]:<28}", style="dim")
            text.append(f"{(step.ended or time.time()) - step.started:5.1f} s", style="dim")
            if step.note:
                text.append(f"  {step.note}", style="red" if step.failed else "yellow")
            elif step.tries > 1:
                text.append(f"  {step.tries} times", style="dim")
            text.append("\n")
        return text


def _reason(details: dict[str, Any]) -> str:
    """The message in the cause of a failed task."""
    try:
        document = json.loads(json.loads(details.get("cause") or "{}").get("errorMessage", ""))
        return textwrap.shorten(str(document.get("message", "")), 90, placeholder=" …")
    except (ValueError, AttributeError):
        return str(details.get("error", ""))
