"""How much memory this process and all that it has started take at most. Linux alone."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Peak:
    """The highest reading."""

    bytes = 0
    """Resident, summed over the processes: what they share is counted in each of them."""
    processes = 0

    def look(self) -> None:
        """One reading."""
        children: defaultdict[int, list[int]] = defaultdict(list)
        resident: dict[int, int] = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children[int(fields[1])].append(int(path.name))
            resident[int(path.name)] = int(fields[21]) * _PAGE
        family, grown = [os.getpid()], 0
        while len(family) > grown:
            grown = len(family)
            family = [os.getpid(), *(child for one in family for child in children[one])]
        self.bytes = max(self.bytes, sum(resident.get(one, 0) for one in family))
        self.processes = max(self.processes, len(family))


@contextmanager
def watched(seconds: float = 1.0) -> Iterator[Peak]:
    """A context in which memory is looked at every so often."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.wait(seconds):
            peak.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
