"""Verifying one delivery: list, look at every file, list again, judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.clock import Clock
from aep_delivery.storage.reader import ObjectChangedError, StorageReader, StoredObject
from aep_delivery.verification.batches import BATCH_BYTES, FUNCTION_SECONDS, Listing, tasks_of
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checking import CheckedFile, check_files
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
    listing = list_files(expectation, outcome, reader, clock, seconds=None)
    tasks = tasks_of(expectation, listing.inventory, seconds=None)
    checked = check_files(expectation, [(task.stored, task.level) for task in tasks], reader, limits)
    return judge(expectation, outcome, rules, listing, checked, reader=reader, clock=clock, limits=limits, last=last)


def list_files(
    expectation: Expectation,
    outcome: RunOutcome,
    reader: StorageReader,
    clock: Clock,
    *,
    seconds: float | None = FUNCTION_SECONDS,
) -> Listing:
    """Find the files of a run, and say what looking into them will take. Reads no content.

    Args:
        expectation: What must be there.
        outcome: How the run ended.
        reader: The destination's storage.
        clock: For the end of a run that does not report one.
        seconds: How long one function may be expected to take for one file; None where its time is not short.

    Raises:
        UserError: The storage denies the listing, or a template cannot be read.
        TransientError: The storage asks to come back.
    """
    now = clock.now()
    if _wrote_for_nobody(outcome):
        return Listing.of(expectation, nothing_read(expectation), now, seconds=seconds)
    found = take_inventory(expectation, RunWindow.of(outcome, now), reader)
    return Listing.of(expectation, found, now, seconds=seconds)


def judge(
    expectation: Expectation,
    outcome: RunOutcome,
    rules: Rules,
    listing: Listing,
    checked: Iterable[CheckedFile],
    *,
    reader: StorageReader,
    clock: Clock,
    limits: Limits = _DEFAULT_LIMITS,
    last: VerificationReport | None = None,
) -> VerificationReport:
    """List again and bring together what was promised, reported, listed and checked; wherever it was checked.

    Args:
        expectation: What must be there.
        outcome: How the run ended.
        rules: Which differences decide.
        listing: From :func:`list_files`, before the files were checked.
        checked: Of the listed files those that could be read as listed.
        reader: The destination's storage.
        clock: For the end of the verification.
        limits: Bounds of reading.
        last: What was found of the last delivery.

    Raises:
        UserError: The storage denies access.
        TransientError: The storage asks to come back.
    """
    if _wrote_for_nobody(outcome):
        evidence = Evidence(inventory=listing.inventory)
    else:
        evidence = _gather(expectation, outcome, listing, list(checked), reader=reader, limits=limits)
    report = reconcile(
        expectation, outcome, rules, evidence, started_at=listing.started_at, finished_at=clock.now(), last=last
    )
    return report.model_copy(update={"estimate": listing.estimate})


def _wrote_for_nobody(outcome: RunOutcome) -> bool:
    """True where nothing in storage is looked up: a failed run is judged by that alone."""
    return outcome.status in (RunStatus.FAILED, RunStatus.NO_RUN)


def _gather(
    expectation: Expectation,
    outcome: RunOutcome,
    listing: Listing,
    checked: Sequence[CheckedFile],
    *,
    reader: StorageReader,
    limits: Limits,
) -> Evidence:
    window, inventory = RunWindow.of(outcome, listing.started_at), listing.inventory
    data = [stored for files in inventory for stored in files.data]
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
    counts: dict[str, KeyCount] = {}
    room = BATCH_BYTES
    for files in inventory:
        if not files.data or len(files.ids) != 1 or not all(stored.key in whole for stored in files.data):
            continue
        room -= sum(stored.size for stored in files.data)
        counts[files.id] = (
            # All keys of an audience must pass through one process, which has its time.
            count_keys(files.data, expectation, reader, limits) if room >= 0 else KeyCount(unread=len(files.data))
        )
    return counts


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
