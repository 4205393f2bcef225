"""Everything that was seen in storage, before it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aep_delivery.storage.reader import StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.keys import KeyCount
from aep_delivery.verification.manifest import Manifest
from aep_delivery.verification.misplaced import Stray
from aep_delivery.verification.report import Finding


@dataclass(frozen=True, slots=True)
class Change:
    """An object that the two listings do not show alike; None where one does not show it at all."""

    before: StoredObject | None
    after: StoredObject | None

    @property
    def told(self) -> str:
        """What happened, for a person."""
        if self.before is None:
            return "appeared"
        if self.after is None:
            return "was removed"
        if self.before.size < self.after.size:
            return f"grew from {self.before.size:,} to {self.after.size:,} bytes"
        if self.before.size > self.after.size:
            return f"shrank from {self.before.size:,} to {self.after.size:,} bytes"
        return "was overwritten"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What listing and reading showed."""

    inventory: Sequence[FileSet]
    checks: Mapping[str, FileCheck] = field(default_factory=dict)
    """The check of each data file that could be read as listed, by key."""
    changed: Mapping[str, Change] = field(default_factory=dict)
    """What was rewritten, removed or added while the rest was read, by key."""
    storage_checksums: Mapping[str, str] = field(default_factory=dict)
    """The storage's own checksums, by key."""
    manifests: Sequence[Manifest] = ()
    """The manifests of this run."""
    manifest_findings: Sequence[Finding] = ()
    """Manifests that could not be read."""
    keys: Mapping[str, KeyCount] = field(default_factory=dict)
    """How often the deduplication keys of an audience are there more than once, by :attr:`FileSet.id`."""
    strays: Sequence[Stray] = ()
    """Data files in other places than they should be, looked for where some are missing."""

    def rows_of(self, files: FileSet) -> int | None:
        """Rows of all data files of one dataset or audience; None where they could not be counted in all of them."""
        counted = [check.rows if (check := self.checks.get(stored.key)) else None for stored in files.data]
        return None if None in counted else sum(rows for rows in counted if rows is not None)

    @property
    def uncounted(self) -> int:
        """Data files whose rows could not be counted."""
        keys = [stored.key for files in self.inventory for stored in files.data]
        return sum((check := self.checks.get(key)) is None or check.rows is None for key in keys)
