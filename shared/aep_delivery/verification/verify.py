"""Verifying one delivery: list, read every file to its end, list again, judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import Clock
from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.inventory import DatasetFiles, nothing_read, take_inventory
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.manifest import Manifest, read_manifest
from aep_delivery.verification.reconcile import reconcile
from aep_delivery.verification.report import Finding, VerificationReport
from aep_delivery.verification.window import RunWindow

_DEFAULT_LIMITS = Limits()


def verify_delivery(
    expectation: Expectation,
    outcome: RunOutcome,
    rules: Rules,
    reader: StorageReader,
    clock: Clock,
    *,
    limits: Limits = _DEFAULT_LIMITS,
) -> VerificationReport:
    """Prove that what was promised lies in storage, whole.

    Args:
        expectation: What must be there.
        outcome: How the run ended. A failed or missing run is not looked up in storage at all.
        rules: Which of Adobe's figures decide.
        reader: The destination's storage.
        clock: For the times in the report, and the end of a run that does not report one.
        limits: Bounds of reading.

    Returns:
        The report with its verdict. Whatever is wrong with the files is in it and raises nothing.

    Raises:
        UserError: The storage denies access, or the folder template cannot be read.
        TransientError: The storage asks to come back.
    """
    started_at = clock.now()
    if outcome.status in (RunStatus.FAILED, RunStatus.NO_RUN):
        evidence = Evidence(inventory=nothing_read(expectation))
    else:
        evidence = _gather(expectation, outcome, RunWindow.of(outcome, started_at), reader, limits)
    return reconcile(expectation, outcome, rules, evidence, started_at=started_at, finished_at=clock.now())


def _gather(
    expectation: Expectation, outcome: RunOutcome, window: RunWindow, reader: StorageReader, limits: Limits
) -> Evidence:
    inventory = take_inventory(expectation, window, reader)
    data = [stored for files in inventory for stored in files.data]
    checks, checksums = _check_all(expectation, data, reader, limits)
    manifests: list[Manifest] = []
    unreadable: list[Finding] = []
    if expectation.manifest:
        manifests, unreadable = _read_manifests(outcome, inventory, reader, limits)
    return Evidence(
        inventory=inventory,
        checks=checks,
        changed=_changed(inventory, take_inventory(expectation, window, reader)),
        storage_checksums=checksums,
        manifests=manifests,
        manifest_findings=unreadable,
    )


def _check_all(
    expectation: Expectation, data: Iterable[StoredObject], reader: StorageReader, limits: Limits
) -> tuple[dict[str, FileCheck], dict[str, str]]:
    """Check each file; one that changes meanwhile has no check."""
    checker = checker_for(expectation.dataset_file_type, expectation.compression)
    checks: dict[str, FileCheck] = {}
    checksums: dict[str, str] = {}
    for stored in data:
        try:
            checks[stored.key] = checker.check(stored, reader, limits)
        except ObjectChangedError:
            continue
        now = reader.stat(stored.key)
        if now and now.etag == stored.etag and now.checksum:
            checksums[stored.key] = now.checksum
    return checks, checksums


def _read_manifests(
    outcome: RunOutcome, inventory: Sequence[DatasetFiles], reader: StorageReader, limits: Limits
) -> tuple[list[Manifest], list[Finding]]:
    """The manifests of this run; those that name another run are another run's."""
    manifests: list[Manifest] = []
    unreadable: list[Finding] = []
    for stored in (stored for files in inventory for stored in files.manifests):
        try:
            found = read_manifest(stored, reader, limits)
        except ObjectChangedError:
            # The second listing shows it.
            continue
        if isinstance(found, Finding):
            unreadable.append(found)
        elif not outcome.run_ids or found.flow_run_id in (None, *outcome.run_ids):
            manifests.append(found)
    return manifests, unreadable


def _changed(before: Sequence[DatasetFiles], after: Sequence[DatasetFiles]) -> frozenset[str]:
    first, second = _versions(before), _versions(after)
    return frozenset(key for key in first.keys() | second.keys() if first.get(key) != second.get(key))


def _versions(inventory: Sequence[DatasetFiles]) -> dict[str, tuple[str, int]]:
    return {stored.key: (stored.etag, stored.size) for files in inventory for stored in files.judged}
