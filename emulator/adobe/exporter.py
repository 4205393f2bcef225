"""What a dataset dataflow does when it runs: read the data lake, write part files to the destination."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

import pyarrow as pa

from emulator.adobe import layout, sources, writers
from emulator.adobe.files import Files
from emulator.adobe.http import Json
from emulator.adobe.lake import DataFile, Dataset
from emulator.adobe.runs import DatasetTally


@dataclass(frozen=True)
class Seen:
    """How far one data file has been exported."""

    size: int
    modified: int
    rows: int


Watermark = dict[str, Seen]
"""What an incremental dataflow has exported of one dataset, by file name."""


@dataclass(frozen=True)
class Job:
    """Everything one run needs to know, taken while the world stood still."""

    run_id: str
    target_id: str
    params: Json
    template: str | None
    place: layout.Place
    time: datetime
    rows_per_part: int


@dataclass
class DatasetExport:
    """The outcome for one dataset."""

    tally: DatasetTally
    watermark: Watermark = field(default_factory=dict)


class Exporter:
    """Writes the datasets of one run, one after the other, then the manifests.

    Args:
        job: what to export.
        files: where to.
    """

    def __init__(self, job: Job, files: Files) -> None:
        self._job = job
        self._files = files
        self._file_type = job.params["datasetFileType"]
        self._compression = job.params["compression"]
        self._extension = writers.EXTENSIONS[self._file_type, self._compression]

    def export(self, dataset: Dataset, known: Watermark) -> DatasetExport:
        """Write what `dataset` holds beyond `known`.

        A file that is new is exported whole. One that has grown is taken to have rows appended: the rows already
        exported are left out. One that changed without growing is taken to be rewritten, and exported whole again.

        Raises:
            LakeError: a data file can't be read.
            SinkError: the destination refused, or the base connection's key can't be encrypted to.
        """
        files = [(file, _rows_to_skip(file, known.get(file.name))) for file in dataset.files()]
        pending = [(file, skip) for file, skip in files if skip is not None]
        folder = layout.folder(
            self._files.root,
            self._job.template,
            self._job.place,
            dataset_id=dataset.id,
            dataset_name=dataset.name,
            time=self._job.time,
        )
        reader = _Reader(pending)
        names = layout.PartNames.draw()
        sizes: list[int] = []
        records = 0
        for number, part in enumerate(_parts(reader.tables(), self._job.rows_per_part)):
            sizes.append(self._put(folder, names.name(number, self._extension), part))
            records += len(part)
        if sizes:
            self._files.mark(folder, "_SUCCESS")
        return DatasetExport(
            DatasetTally(
                dataset.id,
                input_records=reader.exported,
                output_records=records,
                input_bytes=sum(file.size for file, _ in pending),
                output_bytes=sum(sizes),
                files=len(sizes),
            ),
            {**known, **reader.watermark},
        )

    def write_manifests(self) -> Json:
        """One manifest per folder, after all data; returns the last one, or an empty one where none is asked for."""
        if not self._job.params.get("includeFileManifest", False):
            return {}
        return self._files.put_manifests(self._job.target_id, self._job.run_id, self._job.time)

    def _put(self, folder: str, name: str, part: pa.Table) -> int:
        def write(spool: IO[bytes]) -> None:
            writers.write(part, spool, self._file_type, self._compression)

        return self._files.put(folder, name, write)


class _Reader:
    """Reads pending files in one schema and counts rows as they pass."""

    def __init__(self, pending: Sequence[tuple[DataFile, int]]) -> None:
        self._pending = pending
        self.exported = 0
        self.watermark: Watermark = {}

    def tables(self) -> Iterator[pa.Table]:
        schema = sources.schema_of([file.path for file, _ in self._pending])
        for file, skip in self._pending:
            rows = 0
            for table in sources.read(file.path, schema):
                fresh = table.slice(min(max(skip - rows, 0), len(table)))
                rows += len(table)
                self.exported += len(fresh)
                if len(fresh):
                    yield fresh
            self.watermark[file.name] = Seen(file.size, file.modified, rows)


def _rows_to_skip(file: DataFile, seen: Seen | None) -> int | None:
    """How many rows of `file` are already exported; None where there is nothing new."""
    if seen is None:
        return 0
    if (file.size, file.modified) == (seen.size, seen.modified):
        return None
    return seen.rows if file.size > seen.size else 0


def _parts(tables: Iterator[pa.Table], rows_per_part: int) -> Iterator[pa.Table]:
    """Cut the stream into parts. More than one row makes more than one part, as with Adobe even for little data."""
    waiting: list[pa.Table] = []
    rows = 0
    emitted = False
    for table in tables:
        waiting.append(table)
        rows += len(table)
        # One row more is held back, so that what is left at the end is never mistaken for a lone part.
        while rows > rows_per_part:
            joined = pa.concat_tables(waiting)
            yield joined.slice(0, rows_per_part)
            emitted = True
            waiting = [joined.slice(rows_per_part)]
            rows -= rows_per_part
    if not rows:
        return
    last = pa.concat_tables(waiting)
    if emitted or rows == 1:
        yield last
        return
    half = (rows + 1) // 2
    yield last.slice(0, half)
    yield last.slice(half)
