"""Checking loose files, in this process or in several."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Self

from aep_delivery.runtime.errors import FAMILIES, DeliveryError, ErrorDocument, UserError
from aep_delivery.storage.reader import ObjectChangedError, StorageReader
from aep_delivery.verification.ahead import Fetched, Look, ahead
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import EMPTY_FILE, FileCheck
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile
from aep_delivery.verification.loose_files.hints import notes
from aep_delivery.verification.loose_files.places import Place
from aep_delivery.verification.report import Finding

_BATCH_FILES = 64
_BATCH_BYTES = 8 << 20
_WORTH_A_PROCESS = 24 << 20
_EACH = 32 << 10
"""Fewer bytes than this are checked sooner than processes start; opening a file counts as much as so many."""
_UNREADABLE = {"storage.access-denied", "storage.path-refused", "storage.key-refused"}

Told = Callable[[LooseFile], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    check: FileCheck | None
    """None where it could not be read as it was listed."""
    finding: Finding | None = None
    """Why there is no check."""


def check_loose(
    files: Sequence[LooseFile],
    places: Sequence[Place],
    asked: Asked,
    limits: Limits,
    *,
    processes: int,
    done: Told = lambda _: None,
) -> list[Outcome]:
    """Check files, each in constant memory, in the order they come.

    Args:
        files: From :func:`~aep_delivery.verification.loose_files.gathering.gather`.
        places: Where they lie.
        asked: What the caller says of them, and how far to look.
        limits: Bounds of each check.
        processes: How many may work at once.
        done: Gets each file once it is checked.

    Raises:
        UserError: A storage denies access to all of its files.
        TransientError: A storage asks to come back.
    """
    if asked.level is Level.LISTING:
        return [_by_size(file) for file in files]
    batches = _batches(files)
    wanted = min(processes, len(batches))
    if wanted < 2 or sum(file.stored.size + _EACH for file in files) < _WORTH_A_PROCESS:
        return _one_by_one(files, places, asked, limits, done)
    outcomes: dict[int, Outcome] = {}
    with _pool(wanted, places, asked, limits) as pool:
        running = {pool.submit(_work, [files[index] for index in batch]): batch for batch in batches}
        for finished in as_completed(running):
            for index, outcome in zip(running[finished], _answer(finished.result()), strict=True):
                outcomes[index] = outcome
                done(files[index])
    return [outcomes[index] for index in range(len(files))]


def _one_by_one(
    files: Sequence[LooseFile], places: Sequence[Place], asked: Asked, limits: Limits, done: Told
) -> list[Outcome]:
    with Readers(places) as readers:
        return _checked(files, readers, asked, limits, done)


class Readers:
    """The readers of places, each opened when it is first needed.

    Args:
        places: What to open.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._open: dict[int, StorageReader] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, place: int) -> StorageReader:
        if place not in self._open:
            self._open[place] = self._stack.enter_context(self._places[place].open())
        return self._open[place]


def _checked(
    files: Sequence[LooseFile], readers: Readers, asked: Asked, limits: Limits, done: Told = lambda _: None
) -> list[Outcome]:
    outcomes = []
    looks = (
        Look(
            stored=file.stored,
            level=asked.level,
            reader=readers[file.place],
            parquet=file.kind.file_type == "PARQUET" and not file.kind.encrypted,
            ask=True,
        )
        for file in files
    )
    with closing(ahead(looks)) as fetched:
        for file, coming in zip(files, fetched, strict=True):
            outcomes.append(_check(file, coming, asked, limits))
            done(file)
    return outcomes


def _check(file: LooseFile, coming: Future[Fetched], asked: Asked, limits: Limits) -> Outcome:
    kind = file.kind
    checker = checker_for(
        kind.file_type or "CSV",
        kind.packing or "NONE",
        level=asked.level,
        dialect=asked.dialect_of(kind),
        encrypted=kind.encrypted,
    )
    try:
        reader = coming.result()
        check = checker.check(file.stored, reader, limits)
        now = reader.stat(file.stored.key)
    except ObjectChangedError:
        return _changed(file)
    except UserError as error:
        if error.code not in _UNREADABLE:
            raise
        return Outcome(None, Finding(code="file.unreadable", message=error.message, path=file.path))
    if not now or now.etag != file.stored.etag:
        return _changed(file)
    # Nobody is told the columns here, and of ten thousand files they are most of what would be held.
    return Outcome(
        check.model_copy(update={"columns": None, "findings": (*check.findings, *notes(file, check, asked))})
    )


def _changed(file: LooseFile) -> Outcome:
    return Outcome(None, Finding(code="file.changed", message="The file changed while it was checked.", path=file.path))


def _by_size(file: LooseFile) -> Outcome:
    empty = () if file.stored.size else (EMPTY_FILE.finding(file.stored.key),)
    return Outcome(FileCheck(rows=None, sha256=None, findings=empty, level=Level.LISTING))


def _batches(files: Sequence[LooseFile]) -> list[list[int]]:
    """The files' numbers, largest file first so that nobody waits for it at the end; small ones go together."""
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(files)), key=lambda index: -files[index].stored.size):
        size = files[index].stored.size
        if not batches or room < size or len(batches[-1]) == _BATCH_FILES:
            batches.append([])
            room = _BATCH_BYTES
        batches[-1].append(index)
        room -= size
    return batches


@contextmanager
def _pool(processes: int, places: Sequence[Place], asked: Asked, limits: Limits) -> Iterator[ProcessPoolExecutor]:
    """Processes that end at once where their work is no longer wanted: one file may take minutes."""
    pool = ProcessPoolExecutor(processes, _context(), _begin, (places, asked, limits))
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """Linux forks, which takes a hundredth of the time; nothing here has begun a thread by then. macOS must not."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


_worker: tuple[Readers, Asked, Limits]


def _begin(places: Sequence[Place], asked: Asked, limits: Limits) -> None:
    global _worker  # noqa: PLW0603 - a process of a pool has no other place for what all its batches share
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _worker = Readers(places), asked, limits


def _work(files: Sequence[LooseFile]) -> list[Outcome] | ErrorDocument:
    """The outcomes, or the error: as a document, since errors with keywords do not come through a pipe."""
    readers, asked, limits = _worker
    try:
        return _checked(files, readers, asked, limits)
    except DeliveryError as error:
        return error.document()


def _answer(answer: list[Outcome] | ErrorDocument) -> list[Outcome]:
    if isinstance(answer, ErrorDocument):
        error = FAMILIES[answer.error]
        raise error(answer.message, code=answer.code, hint=answer.hint, place=answer.place, details=answer.details)
    return answer
