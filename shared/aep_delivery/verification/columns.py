"""The columns of the files: against each other, against what audiences are mapped to, and against the last delivery.

JSON shows the columns of its first rows only, and leaves out what has no value: there a column that is not seen may
be there all the same. The first line of a CSV file is its header only where it should be: where it lacks one, it is a
row, so of CSV no name is repeated that the audience is not mapped to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aep_delivery.verification.column_names import covers, plain
from aep_delivery.verification.evidence import Evidence
from aep_delivery.verification.expectation import Expectation, Rules
from aep_delivery.verification.inventory import FileSet
from aep_delivery.verification.report import (
    ChangeKind,
    ColumnChange,
    ColumnReport,
    ExportReport,
    Finding,
    Severity,
)

_Layout = tuple[tuple[str, str | None], ...]
"""Names and types of a file's columns, in order; CSV has no types."""
_NAMED = 5
"""Columns named in one finding; the rest is counted."""


def columns_of(files: FileSet, expectation: Expectation, evidence: Evidence) -> list[ColumnReport]:
    """All columns of the files of one dataset or audience, in the order in which the files show them."""
    types: dict[str, set[str]] = {}
    for stored in files.data:
        check = evidence.checks.get(stored.key)
        for column in (check.columns if check else None) or ():
            types.setdefault(column.name, set()).update(column.type.split("|") if column.type else ())
    return [
        ColumnReport(name=name, type="|".join(sorted(kinds)) or None)
        for name, kinds in types.items()
        if name and _may_be_told(name, expectation)
    ]


def findings(files: FileSet, expectation: Expectation, rules: Rules, evidence: Evidence) -> Iterator[Finding]:
    """Files whose columns are not those of the others, or not those that the audience is mapped to."""
    layouts = _layouts(files, evidence)
    if not layouts:
        return
    if expectation.columns:
        first: dict[tuple[str, ...], str] = {}
        for layout, keys in layouts.items():
            first.setdefault(tuple(name for name, _ in layout), keys[0])
        for names, key in first.items():
            yield from _against_mapping(names, key, expectation, rules)
    if expectation.file_type != "JSON":
        usual = max(layouts, key=lambda layout: len(layouts[layout]))
        for layout, keys in layouts.items():
            if layout != usual:
                for key in keys:
                    yield _of_another_layout(layout, usual, key, expectation)


def changes(last: ExportReport, now: ExportReport) -> list[ColumnChange] | None:
    """What is different from the last delivery of the same dataset or audience.

    Args:
        last: What was found then.
        now: What was found now.

    Returns:
        The changes, by kind; None where one of the two shows no columns.
    """
    if not last.columns or not now.columns:
        return None
    before, after = _types(last), _types(now)
    return [
        *(ColumnChange(name=name, kind=ChangeKind.ADDED, after=after[name]) for name in after if name not in before),
        *(
            ColumnChange(name=name, kind=ChangeKind.REMOVED, before=before[name])
            for name in before
            if name not in after
        ),
        *(
            ColumnChange(name=name, kind=ChangeKind.RETYPED, before=before[name], after=after[name])
            for name in after
            if _differ(before.get(name), after[name])
        ),
    ]


def change_findings(now: ExportReport, *, sampled: bool, rules: Rules) -> Iterator[Finding]:
    """The changes of a dataset's or audience's columns, as findings.

    Args:
        now: What was found, with its changes.
        sampled: True for JSON: what is not seen may be there.
        rules: Whether a difference decides.
    """
    severity = Severity.ERROR if rules.columns == "require" else Severity.WARNING
    unsure = Severity.INFO if sampled else severity
    added, removed, retyped = (
        [change.name for change in now.column_changes or () if change.kind is kind] for kind in ChangeKind
    )
    than = "in the last delivery"
    if added:
        yield _change("schema.column-added", f"{now.name} has columns that were not there {than}", added, Severity.INFO)
    if removed:
        yield _change("schema.column-removed", f"{now.name} lacks columns that were there {than}", removed, unsure)
    if retyped:
        yield _change("schema.column-retyped", f"{now.name} has columns of another type than {than}", retyped, unsure)


def _against_mapping(names: tuple[str, ...], key: str, expectation: Expectation, rules: Rules) -> Iterator[Finding]:
    wanted = expectation.columns
    severity = Severity.WARNING if rules.columns == "report" else Severity.ERROR
    missing = [name for name in wanted if not any(covers(name, found) for found in names)]
    extra = [found for found in names if not any(covers(name, found) for name in wanted)]
    if missing and (expectation.file_type != "JSON" or len(missing) == len(wanted)):
        yield _differs(f"Mapped columns are not there: {_listed(missing)}.", key, severity)
    if extra:
        yield _differs(f"There are columns that are not mapped: {_listed(extra, expectation)}.", key, Severity.WARNING)
    if not missing and not extra and expectation.file_type == "CSV" and [*map(plain, names)] != [*map(plain, wanted)]:
        yield _differs("The columns are in another order than they are mapped in.", key, Severity.WARNING)


def _layouts(files: FileSet, evidence: Evidence) -> dict[_Layout, list[str]]:
    """The keys of the files of each layout, in their order."""
    layouts: dict[_Layout, list[str]] = {}
    for stored in files.data:
        check = evidence.checks.get(stored.key)
        # A file that is damaged or has no rows need not show its columns.
        layout = tuple((column.name, column.type) for column in (check.columns if check else None) or () if column.name)
        if layout:
            layouts.setdefault(layout, []).append(stored.key)
    return layouts


def _of_another_layout(layout: _Layout, usual: _Layout, key: str, expectation: Expectation) -> Finding:
    types, names = dict(usual), dict(layout)
    different = [*(name for name in types if name not in names), *(name for name in names if name not in types)]
    retyped = [name for name in types if name in names and types[name] != names[name]]
    if different:
        told = f"Different are {_listed(different, expectation)}."
    elif retyped:
        told = f"Of another type are {_listed(retyped, expectation)}."
    else:
        told = "They are in another order."
    return Finding(
        code="schema.files-differ",
        message=f"The file has other columns than the others beside it. {told}",
        path=key,
    )


def _may_be_told(name: str, expectation: Expectation) -> bool:
    return expectation.file_type != "CSV" or any(covers(wanted, name) for wanted in expectation.columns)


def _types(report: ExportReport) -> Mapping[str, str | None]:
    return {column.name: column.type for column in report.columns}


def _differ(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and before != after


def _change(code: str, what: str, names: list[str], severity: Severity) -> Finding:
    return Finding(code=code, message=f"{what}: {_listed(names)}.", severity=severity)


def _differs(message: str, key: str, severity: Severity) -> Finding:
    return Finding(code="schema.columns-differ", message=message, path=key, severity=severity)


def _listed(names: list[str], expectation: Expectation | None = None) -> str:
    """The first of `names`; with an expectation, only those that may be repeated."""
    tellable = [name for name in names if expectation is None or _may_be_told(name, expectation)]
    shown = tellable[:_NAMED]
    more = len(names) - len(shown)
    if not shown:
        return f"{more:,} of them"
    return f"{', '.join(shown)} and {more:,} more" if more else ", ".join(shown)
