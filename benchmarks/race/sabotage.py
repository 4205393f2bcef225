"""Damages a delivered file after Adobe's run has ended and before anybody looks at it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from benchmarks.race.deliveries import Config
from benchmarks.race.track import Track

_HIDDEN = {
    "method": "GET",
    "path": "/flowservice/runs",
    "times": None,
    "action": {"type": "respond", "status": 200, "body": {"items": []}},
}


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]


def _a_row_less(content: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(content).splitlines(keepends=True)[:-1]), mtime=0)


DAMAGES: tuple[tuple[str, str, Callable[[bytes], bytes] | None], ...] = (
    ("deleted", "JSON", None),
    ("cut in half", "JSON", _cut),
    ("cut in half", "PARQUET", _cut),
    ("one bit flipped", "JSON", _flipped),
    ("one bit flipped", "PARQUET", _flipped),
    ("rewritten with a row less", "JSON", _a_row_less),
)
"""In words, of which format, and how; None deletes."""


class Sabotage:
    """A context: the run is hidden until the largest of its files is damaged.

    Args:
        track: Where it runs.
        delivery: Whose file.
        damage: What becomes of the content; None deletes the file.
    """

    def __init__(self, track: Track, delivery: Config, damage: Callable[[bytes], bytes] | None) -> None:
        self._track = track
        self._path = f"{delivery['destination']['path']}/"
        self._damage = damage
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.done = False

    def __enter__(self) -> Self:
        self._track.control("POST", "faults", _HIDDEN)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(0.1):
            ends = [
                run.get("metrics", {}).get("durationSummary", {}).get("completedAtUTC") for run in self._track.runs()
            ]
            if any(ends):
                self._act()
                self._track.control("DELETE", "faults")
                self.done = True
                return

    def _act(self) -> None:
        shelf = self._track.shelf
        sizes = {name: size for name, size in shelf.sizes().items() if name.startswith(self._path)}
        victim = max(sizes, key=lambda name: sizes[name])
        if self._damage is None:
            shelf.delete(victim)
        else:
            shelf.write(victim, self._damage(shelf.read(victim)))
