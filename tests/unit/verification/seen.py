"""Evidence by hand: a few files of an audience, what was counted in them, and what the run reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Rules
from aep_delivery.verification.figures import Figures
from aep_delivery.verification.inventory import FileSet

SLOT = datetime(2027, 1, 1, 6, tzinfo=UTC)


def stored(key: str, size: int = 10) -> StoredObject:
    return StoredObject(key=key, size=size, etag=key, last_modified=SLOT)


def file_set(*data: StoredObject | str, ids: tuple[str, ...] = ("gold",)) -> FileSet:
    """An audience, or several that share their files."""
    found = tuple(stored(one) if isinstance(one, str) else one for one in data)
    return FileSet(ids=ids, names=tuple(f"Name of {one}" for one in ids), folder="out", found=True, data=found)


def check(rows: int | None, sha256: str | None = None, **values: Any) -> FileCheck:
    return FileCheck(rows=rows, sha256=sha256, **values)


def figures(
    *sets: FileSet, rows: Mapping[str, int | FileCheck | None], rules: Rules | None = None, **reported: Any
) -> Figures:
    """What was counted in the files by key, and what the run reports."""
    checks = {key: one if isinstance(one, FileCheck) else check(one) for key, one in rows.items()}
    outcome = RunOutcome.model_validate({"status": RunStatus.SUCCESS, "flow_id": "f", "slot": SLOT, **reported})
    return Figures(outcome, Evidence(inventory=sets, checks=checks), rules or Rules())
