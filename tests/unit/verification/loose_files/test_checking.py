"""Damage and errors come through processes as they do through none."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.loose_files import checking
from aep_delivery.verification.loose_files.checking import Outcome, check_loose
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile, gather
from aep_delivery.verification.loose_files.kinds import Kind


class BusyReader(LocalReader):
    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        raise TransientError("Later.", code="storage.busy", hint="Wait.", place=key)


class ShutReader(LocalReader):
    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        raise UserError("No.", code="storage.access-denied", place=key)


@dataclass(frozen=True)
class Folder:
    root: Path
    kind: type[LocalReader] = LocalReader
    key: str | None = None
    prefix: str = ""

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        yield self.kind(self.root)

    def path_of(self, key: str) -> str:
        return key

    def identity(self, key: str) -> str:
        return key


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checking, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(checking, "_BATCH_BYTES", 100)
    for number in range(9):
        (tmp_path / f"{number}.json").write_bytes(b'{"a": 1}\n' * (number + 1) + (b"{" if number == 4 else b""))
    return tmp_path


def _check(place: Folder, processes: int) -> list[Outcome]:
    asked, limits = Asked(), Limits()
    files = gather([place], asked, limits).files
    return check_loose(files, [place], asked, limits, processes=processes)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_answer_in_the_files_order(root: Path, processes: int) -> None:
    outcomes = _check(Folder(root), processes)
    assert [outcome.check.rows if outcome.check else None for outcome in outcomes] == [1, 2, 3, 4, 6, 6, 7, 8, 9]
    assert outcomes == _check(Folder(root), 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_storage_ends_it_with_all_it_says(root: Path, processes: int) -> None:
    with pytest.raises(TransientError) as caught:
        _check(Folder(root, BusyReader), processes)
    assert (caught.value.code, caught.value.hint) == ("storage.busy", "Wait.")
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_may_not_be_read_is_a_finding(root: Path, processes: int) -> None:
    outcomes = _check(Folder(root, ShutReader), processes)
    assert {outcome.finding.code if outcome.finding else None for outcome in outcomes} == {"file.unreadable"}


def test_a_file_that_is_rewritten_meanwhile_is_a_finding(root: Path) -> None:
    place = Folder(root)
    files = gather([place], Asked(), Limits()).files
    os.utime(root / "3.json", ns=(1, 1))
    outcomes = check_loose(files, [place], Asked(), Limits(), processes=1)
    assert [outcome.finding.code for outcome in outcomes if outcome.finding] == ["file.changed"]


def test_an_end_in_between_leaves_no_process(root: Path) -> None:
    place = Folder(root)

    def stop(_: LooseFile) -> None:
        raise KeyboardInterrupt

    files = gather([place], Asked(), Limits()).files
    with pytest.raises(KeyboardInterrupt):
        check_loose(files, [place], Asked(), Limits(), processes=2, done=stop)
    assert multiprocessing.active_children() == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 20 << 20), max_size=300))
def test_every_file_is_in_one_batch(sizes: list[int]) -> None:
    when = datetime(2027, 1, 1, tzinfo=UTC)
    files = [
        LooseFile(0, StoredObject(key=str(n), size=size, etag="", last_modified=when), str(n), Kind())
        for n, size in enumerate(sizes)
    ]
    batches = checking._batches(files)
    assert sorted(index for batch in batches for index in batch) == list(range(len(files)))
    assert all(len(batch) == 1 or sum(sizes[index] for index in batch) <= checking._BATCH_BYTES for batch in batches)
