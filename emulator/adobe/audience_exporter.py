"""What an audience dataflow writes when it runs: one file an audience, split where it grows too long.

Adobe: "Activate audiences to batch profile export destinations".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import pyarrow as pa

from emulator.adobe import attributes, csv_files, filenames, writers
from emulator.adobe.clock import iso
from emulator.adobe.dataprep import Mapping
from emulator.adobe.files import Files
from emulator.adobe.http import Json
from emulator.adobe.layout import Place
from emulator.adobe.runs import AudienceTally
from emulator.adobe.segmentation import Membership

Row = tuple[Json, Membership]
"""A profile, and how it stands to the audience."""


@dataclass(frozen=True)
class AudienceFile:
    """One audience of a run: what it is called and who is to be exported."""

    subject: filenames.Subject
    template: str | None
    rows: Sequence[Row]


@dataclass(frozen=True)
class AudienceJob:
    """Everything one run needs to know, taken while the world stood still.

    Attributes:
        run_id: the run's.
        target_id: of the target connection.
        params: of the target connection.
        place: what file names say about the dataflow.
        time: that file names and manifests tell.
        rows_per_file: where a file is split.
        columns: what each file holds, in order.
        mandatory: attribute paths without which a profile is skipped.
        key: attribute paths that tell profiles apart; empty where duplicates are exported.
    """

    run_id: str
    target_id: str
    params: Json
    place: Place
    time: datetime
    rows_per_file: int
    columns: Sequence[Mapping]
    mandatory: Sequence[str]
    key: Sequence[str]


class AudienceExporter:
    """Writes the audiences of one run, one after the other, then the manifests."""

    def __init__(self, job: AudienceJob, files: Files) -> None:
        self._job = job
        self._files = files
        # First-generation destinations know CSV alone, and no compression.
        self._file_type = job.params.get("fileType", "CSV")
        self._compression = job.params.get("compression", "NONE")
        self._csv_options = {**csv_files.FIRST_GENERATION} if "fileType" not in job.params else {}
        self._csv_options |= job.params.get("csvOptions", {})

    def export(self, file: AudienceFile) -> AudienceTally:
        """Write one audience. Raises :class:`SinkError`."""
        job = self._job
        complete = [row for row in file.rows if self._is_complete(row)]
        table = self._table(list(_distinct(complete, job.key)))
        folder = filenames.folder(self._files.root, file.subject)
        base = filenames.base_name(file.template, job.place, file.subject, job.time)
        extension = writers.EXTENSIONS[self._file_type, self._compression]
        sizes = [
            self._put(folder, filenames.numbered(base, number, extension), table.slice(start, job.rows_per_file))
            for number, start in enumerate(range(0, len(table), job.rows_per_file), start=1)
        ]
        skipped = len(file.rows) - len(complete)
        return AudienceTally(
            file.subject.id,
            # Of duplicates only the one that stays counts, so that what came in is what went out and what was skipped.
            input_records=len(table) + skipped,
            output_records=len(table),
            input_bytes=table.nbytes,
            output_bytes=sum(sizes),
            files=len(sizes),
            skipped_records=skipped,
        )

    def write_manifests(self) -> Json:
        """One manifest per folder, after all data; returns the last one, or an empty one where none is asked for."""
        if not self._job.params.get("includeFileManifest", False):
            return {}
        return self._files.put_manifests(self._job.target_id, self._job.run_id, self._job.time)

    def _is_complete(self, row: Row) -> bool:
        return all(cell(row, path) not in {None, ""} for path in self._job.mandatory)

    def _table(self, rows: Sequence[Row]) -> pa.Table:
        columns = {item.destination: _column([cell(row, item.source) for row in rows]) for item in self._job.columns}
        return pa.table(columns)

    def _put(self, folder: str, name: str, part: pa.Table) -> int:
        def write(spool: IO[bytes]) -> None:
            writers.write(part, spool, self._file_type, self._compression, self._csv_options)

        return self._files.put(folder, name, write)


def cell(row: Row, path: str) -> Any:
    """What a row holds at `path`. Membership is in the audience of the file, whatever audience `path` names."""
    profile, membership = row
    steps = attributes.split(path)
    if steps[0] != attributes.SEGMENT_MEMBERSHIP:
        return attributes.value_at(profile, path)
    values = {"status": membership.status, "lastQualificationTime": iso(membership.last_qualification)}
    return values.get(steps[-1])


def _distinct(rows: Sequence[Row], key: Sequence[str]) -> Iterator[Row]:
    """Of rows with one key the one that changed last, in the place of the first. A row without a key is kept."""
    if not key:
        yield from rows
        return
    kept: dict[object, Row] = {}
    for number, row in enumerate(rows):
        values = tuple(cell(row, path) for path in key)
        identifier: object = number if all(value is None for value in values) else values
        other = kept.get(identifier)
        if other is None or row[1].last_qualification > other[1].last_qualification:
            kept[identifier] = row
    yield from kept.values()


def _column(values: Sequence[Any]) -> pa.ChunkedArray[Any]:
    """Values of one attribute; those of several types, or of none, as text."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) == 1:
        return pa.chunked_array([values])
    if kinds == {int, float}:
        return pa.chunked_array([values], pa.float64())
    return pa.chunked_array([[None if value is None else str(value) for value in values]], pa.string())
