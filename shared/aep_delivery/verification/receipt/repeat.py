"""How a reader repeats the check: with this product, and with tools that know nothing of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aep_delivery.verification.receipt.figures import plural
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.report import (
    DatasetReport,
    ExportReport,
    FilePart,
    FileReport,
    FileState,
    Verdict,
    VerificationReport,
)

_SCHEME = "s3://"
_MAX_PATHS = 12
"""More folders than these make no command that a person would run."""
_DUCKDB_LOGIN = "CREATE SECRET (TYPE s3, PROVIDER credential_chain)"


class Check(NamedTuple):
    """One command for a shell, and what it must show."""

    about: str
    command: str
    expect: str


def own_checks(receipt: Receipt) -> list[Check]:
    """Commands of ``aep-delivery``: of the delivery with its stack, and of its files alone where they lie in S3."""
    report = receipt.verification
    if report is None or report.verdict in (Verdict.RUN_FAILED, Verdict.NO_RUN):
        return []
    made = []
    if receipt.run is not None and len(receipt.run.run_ids) == 1:
        words = ["aep-delivery", "verify", "--delivery", receipt.delivery.id, "--run", receipt.run.run_ids[0]]
        made.append(
            Check("Judge this run again, with read access to Adobe and the stack", shlex.join(words), report.verdict)
        )
    return [*made, *_of_files_alone(report)]


def _of_files_alone(report: VerificationReport) -> Iterator[Check]:
    """Only of datasets: what is expected of them does not depend on files of others beside them."""
    damaged = any(file.state is FileState.DAMAGED for dataset in report.datasets for file in dataset.files)
    if (
        report.encrypted
        or not report.location.startswith(_SCHEME)
        or not (damaged or report.verdict is Verdict.VERIFIED)
    ):
        return
    bucket = report.location.removeprefix(_SCHEME).partition("/")[0]
    folders = {_folder_of(file): None for dataset in report.datasets for file in dataset.files}
    if not 0 < len(folders) <= _MAX_PATHS:
        return
    words = ["aep-delivery", "check", *(f"{_SCHEME}{bucket}/{folder}" for folder in folders)]
    if damaged:
        yield Check("Read the files alone, with read access to them", shlex.join(words), "INVALID")
    elif not report.uncounted_files:
        words += ["--records", str(report.rows)]
        yield Check("Read the files alone, with read access to them", shlex.join(words), "VALID")


def other_checks(receipt: Receipt) -> list[Check]:
    """Commands of the AWS CLI, coreutils and DuckDB that give the receipt's own figures; none without files in S3."""
    report = receipt.verification
    if report is None or not report.location.startswith(_SCHEME):
        return []
    bucket = report.location.removeprefix(_SCHEME).partition("/")[0]
    file_type = receipt.asked.destination.dataset_file_type if receipt.asked else None
    # The files of audiences lie in folders with those of others, where a listing shows more than theirs.
    found = [check for dataset in report.datasets for check in _of_dataset(dataset, bucket, file_type)]
    return [*found, *_of_checksum(report.exports, bucket)]


def checksum_lines(exports: Sequence[ExportReport]) -> list[str]:
    """``<sha256>  <key>``, the lines of ``sha256sum``, for every file of which every byte was read."""
    return [f"{file.sha256}  {file.key}" for export in exports for file in export.files if file.sha256]


def part_lines(exports: Sequence[ExportReport]) -> list[str]:
    """``<sha256>  <key>  bytes <first>-<last>`` for every part of the files that were read in parts."""
    return [
        f"{part.sha256}  {file.key}  bytes {_range(part)}"
        for export in exports
        for file in export.files
        for part in file.parts
    ]


def _of_dataset(dataset: DatasetReport, bucket: str, file_type: str | None) -> Iterator[Check]:
    present = [file for file in dataset.files if file.state is not FileState.MISSING]
    folders = {_folder_of(file) for file in present}
    if len(folders) != 1:
        return
    folder = f"{_SCHEME}{bucket}/{folders.pop()}"
    yield Check(
        f"List the files of {dataset.name}",
        f"aws s3 ls --recursive --summarize {shlex.quote(folder)}",
        f"{plural(len(present), 'data file')}, {plural(sum(file.size for file in present), 'byte')}",
    )
    reader = {"PARQUET": "read_parquet", "JSON": "read_ndjson_objects"}.get(file_type or "")
    rows = [file.rows for file in present if file.rows is not None]
    # A damaged file would end the query in an error.
    if reader is None or len(rows) != len(present):
        return
    source = _sql_text(f"{folder}{_pattern(present[0])}")
    sql = f"{_DUCKDB_LOGIN}; SELECT count(*) FROM {reader}({source})"  # noqa: S608 - shown to a reader, never run
    yield Check(
        f"Count the rows of {dataset.name}",
        f"duckdb -c {_shell_word(sql)}",
        plural(sum(rows), "row"),
    )


def _of_checksum(exports: Sequence[ExportReport], bucket: str) -> Iterator[Check]:
    file = next((file for export in exports for file in export.files if file.sha256), None)
    if file is not None:
        uri = f"{_SCHEME}{bucket}/{file.key}"
        yield Check("Hash a file", f"aws s3 cp {shlex.quote(uri)} - | sha256sum", str(file.sha256))
    in_parts = next((file for export in exports for file in export.files if file.parts), None)
    if in_parts is not None:
        part = in_parts.parts[0]
        words = ["aws", "s3api", "get-object", "--bucket", bucket, "--key", in_parts.key]
        words += ["--range", f"bytes={_range(part)}", "part"]
        # The command's own output is no part of the file.
        command = f"{shlex.join(words)} > /dev/null && sha256sum part"
        yield Check(f"Hash the first of {plural(len(in_parts.parts), 'part')} of a file", command, part.sha256)


def _range(part: FilePart) -> str:
    """First and last byte, as HTTP counts them."""
    return f"{part.start}-{part.end - 1}"


def _folder_of(file: FileReport) -> str:
    folder, slash, _ = file.key.rpartition("/")
    return folder + slash


def _pattern(file: FileReport) -> str:
    """``*.json.gz`` for ``part-0.json.gz``."""
    _, dot, suffix = file.key.rpartition("/")[2].partition(".")
    return f"*{dot}{suffix}"


def _shell_word(text: str) -> str:
    """`text` quoted for a shell: in double quotes where nothing in it acts there, for SQL is full of single ones."""
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
