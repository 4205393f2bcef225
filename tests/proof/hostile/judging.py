"""What any refusal must be, whatever it refuses: a code, words, and nothing in them that acts instead of showing."""

from __future__ import annotations

import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aep_delivery.runtime.errors import DeliveryError, boundary_error
from aep_delivery.verification.receipt.figures import visible

T = TypeVar("T")

LONGEST_DOCUMENT = 32_768
"""Bytes of an error that a workflow passes on (AWS: Step Functions, the Cause of a failure)."""
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")


def faults_of_text(text: str) -> Iterator[str]:
    """What a terminal, a browser or a log would not show as it is."""
    for line in text.split("\n"):
        if visible(line) != line:
            yield f"raw {visible(line)[:120]!r}"


def faults_of_refusal(error: DeliveryError) -> Iterator[str]:
    """What is wrong with how something was refused."""
    document = error.document()
    if not _CODE.fullmatch(document.code) or document.code.startswith("internal."):
        yield f"the code is {document.code}"
    if not document.message.strip():
        yield "no message"
    size = len(str(boundary_error(error)).encode())
    if size > LONGEST_DOCUMENT:
        yield f"{document.code}: {size:,} bytes"
    yield from faults_of_text(document.as_text())


def peak_memory() -> int:
    """The most memory that this process has had, in MiB."""
    # Not ru_maxrss alone: on Linux it begins with what the process that forked this one had.
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:")) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


@dataclass
class Tally:
    """What came of many hostile things."""

    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds of processor time that one took."""

    @property
    def total(self) -> int:
        return sum(self.ends.values())

    @property
    def accepted(self) -> int:
        return self.ends["accepted"]

    def judge(
        self,
        what: str,
        act: Callable[[], T],
        *,
        seconds: float,
        refused: Callable[[DeliveryError], Iterable[str]] = faults_of_refusal,
    ) -> T | None:
        """Do it, and write down how it ended: accepted, refused, or wrong.

        Args:
            what: For the report of what is wrong.
            act: What is done.
            seconds: The processor time it may take.
            refused: Finds what is wrong with a refusal.
        """
        found: list[str] = []
        result: T | None = None
        started = time.thread_time()
        try:
            result = act()
            end = "accepted"
        except DeliveryError as error:
            end = error.code
            found += refused(error)
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for
            end = type(error).__name__
            found.append(f"{end}: {str(error)[:200]!r}")
        took = time.thread_time() - started
        self.slowest = max(self.slowest, took)
        if took > seconds:
            found.append(f"took {took:.1f} s")
        self.ends[end] += 1
        self.wrong += [f"{what}: {one}" for one in found]
        return result
