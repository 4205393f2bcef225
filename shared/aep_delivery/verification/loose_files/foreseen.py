"""What checking loose files will take, told before the first is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from aep_delivery.verification.ahead import IN_FLIGHT
from aep_delivery.verification.batches import FileTask
from aep_delivery.verification.estimate import estimate
from aep_delivery.verification.expectation import Expectation, ExpectedDataset, FileType
from aep_delivery.verification.level import Level
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile
from aep_delivery.verification.loose_files.kinds import Packing

_PROCESS_MB = 64
"""Of one process, at most; but for a page of zstd or brotli, which cannot be read piece by piece."""
_ANY = (ExpectedDataset(id="", name=""),)
"""Files that nobody exported to us are of no dataset in particular."""
_LATENCY = 0.03
_REMOTE_BYTES_PER_SECOND = 60_000_000


@dataclass(frozen=True, slots=True)
class Foreseen:
    """About what a check takes."""

    files: int
    bytes: int
    """Stored bytes that are read to their end."""
    requests: int
    """To storages that are elsewhere."""
    seconds: float
    memory_mb: int


def foresee(files: Sequence[LooseFile], asked: Asked, *, remote: Iterable[int], processes: int) -> Foreseen:
    """Reckon from sizes and forms alone.

    Args:
        files: What will be checked.
        asked: How far it is looked at.
        remote: The numbers of the places that are asked over a network.
        processes: How many work at once.
    """
    cpu, size, requests, far_bytes = 0.0, 0, 0, 0
    by_form = partial(_form, elsewhere=set(remote))
    for (far, file_type, packing, encrypted), group in groupby(sorted(files, key=by_form), key=by_form):
        tasks = [FileTask(stored=file.stored, level=asked.level) for file in group]
        form = Expectation(
            location="",
            datasets=_ANY,
            file_type=file_type,
            compression="NONE" if packing == "NONE" else "GZIP",
            encrypted=encrypted,
        )
        each = estimate(form, tasks, batches=1, objects=len(tasks))
        cpu += each.cpu_seconds
        size += each.bytes
        if far:
            requests += each.requests
            far_bytes += each.bytes
    waiting = requests * _LATENCY / (IN_FLIGHT * processes) + far_bytes / _REMOTE_BYTES_PER_SECOND / processes
    return Foreseen(
        files=len(files) if asked.level is not Level.LISTING else 0,
        bytes=size,
        requests=requests,
        seconds=max(cpu / processes, waiting),
        memory_mb=_PROCESS_MB * processes,
    )


def _form(file: LooseFile, elsewhere: Collection[int]) -> tuple[bool, FileType, Packing, bool]:
    kind = file.kind
    return file.place in elsewhere, kind.file_type or "CSV", kind.packing or "NONE", kind.encrypted
