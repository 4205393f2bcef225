"""Everything that was seen in storage, before it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.inventory import DatasetFiles
from aep_delivery.verification.manifest import Manifest
from aep_delivery.verification.report import Finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """What listing and reading showed."""

    inventory: Sequence[DatasetFiles]
    checks: Mapping[str, FileCheck] = field(default_factory=dict)
    """The check of each data file that could be read as listed, by key."""
    changed: frozenset[str] = frozenset()
    """Keys that were rewritten, removed or added while the rest was read."""
    storage_checksums: Mapping[str, str] = field(default_factory=dict)
    """The storage's own checksums, by key."""
    manifests: Sequence[Manifest] = ()
    """The manifests of this run."""
    manifest_findings: Sequence[Finding] = ()
    """Manifests that could not be read."""
