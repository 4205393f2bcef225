"""Verifying one delivery: list, look at every file, list again, judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import Clock
from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checking import check_files, levels_of
from aep_delivery.verification.evidence import Change, Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.inventory import FileSet, nothing_read, take_inventory
from aep_delivery.verification.keys import KeyCount
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.manifest import Manifest, compare, read_manifest
from aep_delivery.verification.misplaced import Stray, look_around
from aep_delivery.verification.reconcile import reconcile
from aep_delivery.verification.report import Finding, Severity, VerificationReport
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
    last: VerificationReport | None = None,
) -> VerificationReport:
    """Prove that what was promised lies in storage, whole.

    Args:
        expectation: What must be there, and how much of it is looked at.
        outcome: How the run ended. A failed or missing run is not looked up in storage at all.
        rules: Which differences decide.
        reader: The destination's storage.
        clock: For the times in the report, and the end of a run that does not report one.
        limits: Bounds of reading.
        last: What was found of the last delivery; its columns are compared with those of this one.

    Returns:
        The report with its verdict. Whatever is wrong with the files is in it and raises nothing.

    Raises:
        UserError: The storage denies access, or a template cannot be read.
        TransientError: The storage asks to come back.
    """
    started_at = clock.now()
    if outcome.status in (RunStatus.FAILED, RunStatus.NO_RUN):
        evidence = Evidence(inventory=nothing_read(expectation))
    else:
        evidence = _gather(expectation, outcome, RunWindow.of(outcome, started_at), reader, limits)
    return reconcile(expectation, outcome, rules, evidence, started_at=started_at, finished_at=clock.now(), last=last)


def _gather(
    expectation: Expectation, outcome: RunOutcome, window: RunWindow, reader: StorageReader, limits: Limits
) -> Evidence:
    inventory = take_inventory(expectation, window, reader)
    data = [stored for files in inventory for stored in files.data]
    levels = levels_of(expectation, [stored.key for stored in data])
    checked = check_files(expectation, [(stored, levels[stored.key]) for stored in data], reader, limits)
    checks = {file.key: file.check for file in checked}
    manifests: list[Manifest] = []
    unreadable: list[Finding] = []
    if expectation.manifest:
        manifests, unreadable = _read_manifests(outcome, inventory, reader, limits)
    missing = {entry.name for entry in compare(manifests, data).missing} if manifests else set()
    strays: list[Stray] = []
    if missing or _falls_short(outcome, data, checks):
        strays = look_around(expectation, window, inventory, missing, reader)
    return Evidence(
        inventory=inventory,
        checks=checks,
        keys=_count_keys(expectation, inventory, checks, reader, limits),
        strays=strays,
        changed=_changed(inventory, take_inventory(expectation, window, reader)),
        storage_checksums={file.key: file.storage_checksum for file in checked if file.storage_checksum},
        manifests=manifests,
        manifest_findings=unreadable,
    )


def _count_keys(
    expectation: Expectation,
    inventory: Sequence[FileSet],
    checks: Mapping[str, FileCheck],
    reader: StorageReader,
    limits: Limits,
) -> dict[str, KeyCount]:
    """Look for deduplication keys that are there twice, where every file of an audience was found whole.

    Audiences that share their files may share people, too, so their keys are not counted.
    """
    if not expectation.key_columns or expectation.level is not Level.CONTENT or expectation.sample < 1:
        return {}
    from aep_delivery.verification.key_rows import count_keys  # noqa: PLC0415 - few deliveries pay for csv

    whole = {key for key, check in checks.items() if not any(f.severity is Severity.ERROR for f in check.findings)}
    return {
        files.id: count_keys(files.data, expectation, reader, limits)
        for files in inventory
        if files.data and len(files.ids) == 1 and all(stored.key in whole for stored in files.data)
    }


def _falls_short(outcome: RunOutcome, data: Sequence[StoredObject], checks: Mapping[str, FileCheck]) -> bool:
    """True where the run reports more files or rows than there are."""
    counted = [check.rows for check in checks.values()]
    rows = sum(number or 0 for number in counted)
    return len(data) < (outcome.files or 0) or (rows < (outcome.records or 0) and None not in counted)


def _read_manifests(
    outcome: RunOutcome, inventory: Sequence[FileSet], reader: StorageReader, limits: Limits
) -> tuple[list[Manifest], list[Finding]]:
    """The manifests of this run; those that name another run are another run's."""
    manifests: list[Manifest] = []
    unreadable: list[Finding] = []
    for stored in {stored.key: stored for files in inventory for stored in files.manifests}.values():
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


def _changed(before: Sequence[FileSet], after: Sequence[FileSet]) -> dict[str, Change]:
    """What the two listings do not show alike, in version or size."""
    first = {stored.key: stored for files in before for stored in files.judged}
    second = {stored.key: stored for files in after for stored in files.judged}
    return {
        key: Change(before=first.get(key), after=second.get(key))
        for key in first.keys() | second.keys()
        if key not in first
        or key not in second
        or (first[key].etag, first[key].size) != (second[key].etag, second[key].size)
    }
