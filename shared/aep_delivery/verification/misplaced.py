"""Data files that lie in other places than they should: looked for where some are missing, and only there.

A listing of all runs may be long, so it is bounded. A file whose name the manifest lists is certainly the one that is
missing; any other that was written since the run began may be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import FileSet, Shared, patterns
from aep_delivery.verification.names import looks_like_data
from aep_delivery.verification.report import Finding, Severity
from aep_delivery.verification.window import CLOCK_SKEW, RunWindow

MAX_LISTED = 50_000
"""Objects looked at, at most."""
MAX_TOLD = 20
"""Files told of that may be misplaced; those that certainly are, are all told."""


class Stray(BaseModel):
    """A data file in another place."""

    model_config = ConfigDict(frozen=True)

    stored: StoredObject
    certain: bool
    """True where the manifest lists a file of this name."""

    def finding(self) -> Finding:
        if self.certain:
            message, severity = "A file of the manifest lies in another folder than its own.", Severity.ERROR
        else:
            message = "A data file was written here since the run began; it may be one of those that are missing."
            severity = Severity.WARNING
        return Finding(code="set.misplaced-file", message=message, severity=severity, path=self.stored.key)


def look_around(
    expectation: Expectation,
    window: RunWindow,
    inventory: Sequence[FileSet],
    missing_names: Collection[str],
    reader: StorageReader,
) -> list[Stray]:
    """Data files outside of the run's folders.

    Args:
        expectation: What must be there.
        window: The time of the run.
        inventory: What lies in the right places.
        missing_names: Names that the manifest lists and that are not there.
        reader: The destination's storage.

    Raises:
        UserError: The storage denies the listing.
        TransientError: The storage asks to come back.
    """
    known = {stored.key for files in inventory for stored in files.judged}
    shared = patterns(expectation)
    strays, maybe = [], 0
    for stored in islice(_listed(expectation, shared, reader), MAX_LISTED):
        name = stored.key.rpartition("/")[2]
        if stored.key in known or not stored.size or not looks_like_data(name) or name.startswith("manifest-"):
            continue
        if name in missing_names:
            strays.append(Stray(stored=stored, certain=True))
        elif maybe < MAX_TOLD and expectation.datasets and _may_be(stored, shared, window, expectation.path):
            strays.append(Stray(stored=stored, certain=False))
            maybe += 1
    return strays


def _listed(expectation: Expectation, shared: Sequence[Shared], reader: StorageReader) -> Iterator[StoredObject]:
    """The folders of the datasets first: they are the likeliest."""
    seen: list[str] = []
    top = expectation.path.strip("/").partition("%")[0]
    for prefix in [*sorted({each.pattern.root for each in shared}), f"{top.rstrip('/')}/" if top else ""]:
        for stored in reader.list_objects(prefix):
            if not any(stored.key.startswith(earlier) for earlier in seen):
                yield stored
        seen.append(prefix)


def _may_be(stored: StoredObject, shared: Sequence[Shared], window: RunWindow, path: str) -> bool:
    """True for a file in the tree of one of the datasets, or beside these trees, that is as new as the run.

    The storage's clock is compared with Adobe's: it only has to be right by some minutes for what is merely told.
    """
    since: datetime = window.slot - CLOCK_SKEW
    if stored.last_modified < since:
        return False
    beside = stored.key.rpartition("/")[0] == path.strip("/")
    return beside or any(
        len(each.pattern.root) > len(path.strip("/")) + 1 and stored.key.startswith(each.pattern.root)
        for each in shared
    )
