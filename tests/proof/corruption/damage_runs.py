"""What goes wrong around the files: Adobe's run, its figures, files that change while they are read, other columns."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from aep_delivery.running.models import RunStatus
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.report import Verdict
from tests.proof.corruption.damage_parquet import retyped, without_last
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.kinds import damage, everywhere, has_manifest, has_parts, is_readable

_UNSTABLE = Verdict.UNSTABLE


def _is_strict(delivery: Delivery) -> bool:
    return delivery.before is not None


@damage("run: failed", Verdict.RUN_FAILED, "run.failed", applies=everywhere)
def failed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({}, status=RunStatus.FAILED, errors=["X-1: Job aborted."])


@damage("run: none", Verdict.NO_RUN, "run.missing", applies=everywhere)
def none(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.files), status=RunStatus.NO_RUN, run_ids=[], records=None, files=None)


@damage("run: not at its end", Verdict.INCOMPLETE, "run.not-finished", applies=everywhere)
def not_finished(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({}, status=RunStatus.RUNNING)
    yield delivery.having({}, status=RunStatus.UNKNOWN)


@damage("run: partly failed", Verdict.RUN_PARTIAL, "run.partial", applies=everywhere)
def partial(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({}, status=RunStatus.PARTIAL, errors=["X-2: some rows were left out"])


@damage(
    "run: more records, or fewer, than there are rows",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=is_readable,
)
def records(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if has_parts(delivery):
        for by in (1, -1, 10_000):
            yield delivery.having({}, records=(delivery.outcome.records or 0) + by)


@damage(
    "run: records of one audience exchanged for another's",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=is_readable,
)
def audience_records(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    by_audience = delivery.outcome.audience_records
    if len(set(by_audience.values())) > 1:
        turned = dict(zip(by_audience, [*by_audience.values()][::-1], strict=True))
        yield delivery.having({}, audience_records=turned)


@damage("run: no records, though there are rows", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=has_parts)
def no_records(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({}, records=0, files=None)


class _Restless(MemoryReader):
    """Storage in which something changes once, while the first file is read."""

    def __init__(self) -> None:
        super().__init__()
        self.is_calm = False

    def read_range(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        content = super().read_range(key, start, length, etag=etag)
        if not self.is_calm:
            self.is_calm = True
            self.change(key)
        return content

    def change(self, key: str) -> None:
        raise NotImplementedError


class _Growing(_Restless):
    def change(self, key: str) -> None:
        stored = self.stat(key)
        assert stored is not None
        self.alter(key, b"".join(self.stream(key, etag=stored.etag)) + b"more")


class _Shrinking(_Restless):
    def change(self, key: str) -> None:
        stored = self.stat(key)
        assert stored is not None
        self.alter(key, b"".join(self.stream(key, etag=stored.etag))[:-1])


class _Vanishing(_Restless):
    def change(self, key: str) -> None:
        self.remove(key)


class _Appearing(_Restless):
    def change(self, key: str) -> None:
        self.put(key.replace("part-0", "part-9"), b"more")


@damage("meanwhile: a file grew", _UNSTABLE, "file.changed", applies=everywhere, reader=_Growing)
def grew(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery


@damage("meanwhile: a file shrank", _UNSTABLE, "file.changed", applies=everywhere, reader=_Shrinking)
def shrank(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery


@damage(
    "meanwhile: a file was removed", _UNSTABLE, "file.changed", "set.changed", applies=everywhere, reader=_Vanishing
)
def vanished(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery


@damage("meanwhile: a file appeared", _UNSTABLE, "set.changed", applies=has_parts, reader=_Appearing)
def appeared(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if not has_manifest(delivery):
        yield delivery


@damage(
    "since the last delivery: a column missing",
    Verdict.UNEXPECTED_FILES,
    "schema.column-removed",
    applies=_is_strict,
)
def column_removed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({key: without_last(delivery.files[key]) for key in delivery.data})


@damage(
    "since the last delivery: a column of another type",
    Verdict.UNEXPECTED_FILES,
    "schema.column-retyped",
    applies=_is_strict,
)
def column_retyped(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({key: retyped(delivery.files[key]) for key in delivery.data})
