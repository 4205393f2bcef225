"""One delivery as it lies in storage, and what Adobe's run says of it: exported by the emulator, or by other writers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.names import is_manifest
from emulator.adobe import encryption, filenames, layout
from emulator.adobe.audience_exporter import AudienceExporter, AudienceFile, AudienceJob, Row
from emulator.adobe.dataprep import Mapping as Column
from emulator.adobe.encryption import Encryption
from emulator.adobe.exporter import Exporter, Job
from emulator.adobe.files import Files
from emulator.adobe.lake import Dataset
from emulator.adobe.segmentation import Membership
from emulator.adobe.writers import EXTENSIONS
from tests.proof.corruption.forms import FILES, FOLDERS, SLOT, Form, public_key

RUN = "9f1b2c3d-0000-4000-8000-000000000001"
TARGET = "c0ffee00-0000-4000-8000-000000000002"
EXPORTED = SLOT + timedelta(minutes=5)
_PLACE = layout.Place("warehouse", "flow-1", "proof", "prod", "org")
_MEMBER = Membership("realized", SLOT)

WritePart = Callable[[pa.Table, IO[bytes]], None]


@dataclass(frozen=True)
class Delivery:
    """The files of one run, and its outcome. Damage makes another one of it.

    Attributes:
        form: what was asked for.
        files: every object of the run, by key.
        outcome: how the run ended.
        older: objects that were there before the run.
        before: the delivery before, whose columns are remembered.
        traits: of its writer, which decide what can be seen: ``checksums``, ``members``, ``split``.
    """

    form: Form
    files: Mapping[str, bytes]
    outcome: RunOutcome
    older: Mapping[str, bytes] = field(default_factory=dict)
    before: Delivery | None = None
    traits: frozenset[str] = frozenset()

    @property
    def data(self) -> list[str]:
        """Keys of the data files."""
        return [key for key in sorted(self.files) if not is_manifest(_name(key)) and not _name(key).startswith("_")]

    @property
    def manifests(self) -> list[str]:
        return [key for key in sorted(self.files) if is_manifest(_name(key))]

    @property
    def folders(self) -> list[str]:
        """Those with data files."""
        return sorted({key.rpartition("/")[0] for key in self.data})

    def of(self, number: int) -> list[str]:
        """Keys of the data files of one dataset or audience."""
        id_, name = self.form.subjects[number]
        return [key for key in self.data if id_ in key or _name(key).startswith(f"{name}_")]

    def having(self, files: Mapping[str, bytes | None], /, **outcome: Any) -> Self:
        """The delivery with other files, None for those that go, and with another outcome."""
        changed = {**self.files, **files}
        left = {key: body for key, body in changed.items() if body is not None}
        return replace(self, files=left, outcome=self.outcome.model_copy(update=outcome))

    def altering(self, key: str, alter: Callable[[bytes], bytes]) -> Self:
        """The delivery with one file altered."""
        return self.having({key: alter(self.files[key])})

    def reader(self, make: Callable[[], MemoryReader] = MemoryReader) -> MemoryReader:
        """Storage that holds it."""
        reader = make()
        for key, body in self.older.items():
            reader.put(key, body, last_modified=SLOT - timedelta(days=1))
        for key, body in self.files.items():
            reader.put(key, body, last_modified=EXPORTED)
        return reader


class _Kept:
    """A sink that keeps what it is sent."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        self.objects[key] = body if isinstance(body, bytes) else body.read()


def by_adobe(form: Form, contents: Sequence[pa.Table], part_rows: int, folder: Path) -> Delivery:
    """What the emulator's own exporters write of `contents`, a table for each dataset or audience.

    Args:
        form: what is asked for.
        contents: the rows.
        part_rows: of one file.
        folder: an empty folder, where the data lake is.
    """
    kept = _Kept()
    files = Files(kept, form.path, _sealing(form))
    records: list[int] = []
    if form.exports == "datasets":
        params: dict[str, Any] = {"datasetFileType": form.file_type, "compression": form.compression}
        params["includeFileManifest"] = form.manifest
        template = form.template or FOLDERS
        exporter = Exporter(Job(RUN, TARGET, params, template, _PLACE, EXPORTED, part_rows), files)
        for (id_, name), table in zip(form.subjects, contents, strict=True):
            path = folder / f"{id_}.parquet"
            pq.write_table(table, path)
            records.append(exporter.export(Dataset(id_, name, "", path), {}).tally.output_records)
        exporter.write_manifests()
    else:
        audience_exporter = AudienceExporter(_audience_job(form, part_rows), files)
        for (id_, name), table in zip(form.subjects, contents, strict=True):
            subject = filenames.Subject(id_, name)
            rows = [_row(form, each) for each in table.to_pylist()]
            tally = audience_exporter.export(AudienceFile(subject, form.template or FILES, rows))
            records.append(tally.output_records)
        audience_exporter.write_manifests()
    return _delivered(form, kept, records)


def by_others(form: Form, parts: Sequence[Sequence[pa.Table]], write: WritePart) -> Delivery:
    """What another writer makes of `parts`, the tables of each file of each dataset or audience, under Adobe's names."""
    kept = _Kept()
    files = Files(kept, form.path, _sealing(form))
    extension = EXTENSIONS[form.file_type, form.compression]
    for (id_, name), tables in zip(form.subjects, parts, strict=True):
        names = layout.PartNames.draw()
        if form.exports == "datasets":
            template = form.template or FOLDERS
            folder = layout.folder(form.path, template, _PLACE, dataset_id=id_, dataset_name=name, time=EXPORTED)
            named = [names.name(number, extension) for number in range(len(tables))]
        else:
            subject = filenames.Subject(id_, name)
            folder = filenames.folder(form.path, subject)
            base = filenames.base_name(form.template or FILES, _PLACE, subject, EXPORTED)
            named = [filenames.numbered(base, number, extension) for number in range(1, len(tables) + 1)]
        for file_name, table in zip(named, tables, strict=True):
            files.put(folder, file_name, _writing(write, table))
    if form.manifest:
        files.put_manifests(TARGET, RUN, EXPORTED)
    return _delivered(form, kept, [sum(map(len, tables)) for tables in parts])


def manifest_of(delivery: Delivery, key: str) -> dict[str, Any]:
    """A manifest as it stands there."""
    document: dict[str, Any] = json.loads(delivery.files[key])
    return document


def older_key(key: str) -> str:
    """The key that a file of the same name had in a run three hours before."""
    hour = f"{EXPORTED:%Y%m%d%H%M}", f"{EXPORTED:%Y%m%d_%H%M}"
    earlier: datetime = EXPORTED - timedelta(hours=3)
    return key.replace(hour[0], f"{earlier:%Y%m%d%H%M}").replace(hour[1], f"{earlier:%Y%m%d_%H%M}")


def _delivered(form: Form, kept: _Kept, records: Sequence[int]) -> Delivery:
    delivery = Delivery(form, kept.objects, _outcome(form, records))
    sizes = [len(delivery.files[key]) for key in delivery.data]
    return delivery.having({}, files=len(sizes), bytes=sum(sizes))


def _outcome(form: Form, records: Sequence[int]) -> RunOutcome:
    ids = [id_ for id_, _ in form.subjects]
    of_audiences = form.exports == "audiences"
    return RunOutcome(
        status=RunStatus.SUCCESS if sum(records) else RunStatus.EMPTY,
        flow_id="flow-1",
        slot=SLOT,
        run_ids=[RUN],
        started_at=SLOT + timedelta(minutes=1),
        completed_at=SLOT + timedelta(minutes=10),
        records=sum(records),
        audiences=ids if of_audiences else [],
        audience_records=dict(zip(ids, records, strict=True)) if of_audiences else {},
    )


def _audience_job(form: Form, part_rows: int) -> AudienceJob:
    params: dict[str, Any] = {"fileType": form.file_type, "compression": form.compression}
    params |= {"includeFileManifest": form.manifest, "csvOptions": form.csv_options}
    columns = [Column(destination, source) for destination, source in form.columns]
    key = [form.columns[0][1]] if form.keyed else []
    return AudienceJob(RUN, TARGET, params, _PLACE, EXPORTED, part_rows, columns, [], key)


def _row(form: Form, values: Mapping[str, Any]) -> Row:
    """A profile that has these values at the paths of the form's columns."""
    profile: dict[str, Any] = {}
    for column, source in form.columns:
        *parents, last = source.split(".")
        at = profile
        for step in parents:
            at = at.setdefault(step, {})
        at[last] = values[column]
    return profile, _MEMBER


def _writing(write: WritePart, table: pa.Table) -> Callable[[IO[bytes]], None]:
    return lambda spool: write(table, spool)


def _sealing(form: Form) -> Encryption | None:
    return encryption.of({"encryption": {"params": {"publicKey": public_key()}}}) if form.encrypted else None


def _name(key: str) -> str:
    return key.rpartition("/")[2]
