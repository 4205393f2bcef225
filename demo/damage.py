"""Damages one delivered file after Adobe's run has ended and before it is verified, to show that it is found."""

from __future__ import annotations

import json
import threading
import urllib.request
from types import TracebackType
from typing import Any, Self

from emulator.installation import Installation
from emulator.shelves import Shelf


class Damage:
    """A context in which one file is truncated or deleted at the right moment.

    The emulated Adobe hides the run from the workflow until the damage is done.

    Args:
        installation: What is running.
        shelf: Where the files arrive.
        kind: ``truncate`` or ``delete``.
    """

    def __init__(self, installation: Installation, shelf: Shelf, kind: str) -> None:
        self._installation = installation
        self._shelf = shelf
        self._kind = kind
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.done = ""
        """What was done, in words; empty before."""

    def __enter__(self) -> Self:
        self._control(
            "POST",
            "faults",
            {
                "method": "GET",
                "path": "/flowservice/runs",
                "times": None,
                "action": {"type": "respond", "status": 200, "body": {"items": []}},
            },
        )
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(0.2):
            if self._run_has_ended():
                self._damage_one_file()
                self._control("DELETE", "faults")
                return

    def _run_has_ended(self) -> bool:
        sandboxes = self._control("GET", "entities")["sandboxes"].values()
        runs = [run for sandbox in sandboxes for run in sandbox["runs"]["items"]]
        ends = [(run.get("metrics") or {}).get("durationSummary") or {} for run in runs]
        # Adobe's schema and its examples disagree on the name.
        return any(end.get("completedAtUTC") or end.get("stoppedAtUTC") for end in ends)

    def _damage_one_file(self) -> None:
        sizes = self._shelf.sizes()
        files = [name for name in sizes if not name.rpartition("/")[2].startswith(("_", "manifest-"))]
        victim = max(files, key=lambda name: sizes[name])
        if self._kind == "delete":
            self._shelf.delete(victim)
            self.done = f"deleted {victim}"
        else:
            self._shelf.write(victim, self._shelf.read(victim)[: sizes[victim] // 2])
            self.done = f"cut {victim} in half"

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the emulator's loopback address
            f"{self._installation.adobe.base_url}/_emulator/{path}",
            data=json.dumps(body).encode() if body is not None else None,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            text = answer.read()
        return dict(json.loads(text)) if text else {}
