"""The data lake: a folder whose sub-folders and files are datasets, whatever a user puts there.

A dataset is a sub-folder, or a single file at the top. Its data files are Parquet, newline-delimited JSON or CSV. A
sidecar ``dataset.yaml`` or ``dataset.json`` in the folder (for a single file ``<stem>.dataset.yaml``) may set ``name``,
``id``, ``description``, ``exportable: false`` and ``sandbox`` (one name or a list; all sandboxes without it).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from emulator.adobe.http import Json

SUFFIXES = (
    ".parquet",
    ".json",
    ".jsonl",
    ".ndjson",
    ".json.gz",
    ".jsonl.gz",
    ".ndjson.gz",
    ".csv",
    ".csv.gz",
    ".csv.zip",
)
_SIDECAR = re.compile(r"(^|\.)dataset\.(yaml|yml|json)$")
_KNOWN = frozenset({"name", "id", "description", "exportable", "sandbox"})


class LakeError(Exception):
    """The data lake can't be read as datasets; the message names the file."""


@dataclass(frozen=True)
class DataFile:
    """One file of a dataset, as it was when it was listed."""

    path: Path
    name: str
    """Relative to the dataset, with forward slashes."""
    size: int
    modified: int
    """Nanoseconds since the epoch."""


@dataclass(frozen=True)
class Dataset:
    """One dataset of the lake."""

    id: str
    name: str
    description: str
    path: Path
    exportable: bool = True
    sandboxes: frozenset[str] | None = None

    def visible_in(self, sandbox: str) -> bool:
        return self.sandboxes is None or sandbox in self.sandboxes

    def files(self) -> list[DataFile]:
        """Its data files now, in the order of their names."""
        root = self.path if self.path.is_dir() else self.path.parent
        paths = sorted(self.path.rglob("*")) if self.path.is_dir() else [self.path]
        found = []
        for path in paths:
            name = path.relative_to(root).as_posix()
            if is_data(path) and not any(part.startswith((".", "_")) for part in name.split("/")):
                stat = path.stat()
                found.append(DataFile(path, name, stat.st_size, stat.st_mtime_ns))
        return found

    def catalog_entry(self) -> Json:
        """What the ``configs`` call shows of it."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "fileDescription": {"persisted": True, "containerFormat": "parquet", "format": "parquet"},
            "aspect": "production",
            "state": "DRAFT",
        }


class Lake:
    """Looks into the folder anew each time, so data may be added while the emulator runs."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def datasets(self, sandbox: str) -> list[Dataset]:
        """All datasets of `sandbox`, exportable or not. Raises :class:`LakeError`."""
        return [dataset for dataset in self._all() if dataset.visible_in(sandbox)]

    def exportable(self, sandbox: str) -> list[Dataset]:
        return [dataset for dataset in self.datasets(sandbox) if dataset.exportable]

    def find(self, sandbox: str, dataset_id: str) -> Dataset | None:
        return next((dataset for dataset in self.datasets(sandbox) if dataset.id == dataset_id), None)

    def _all(self) -> Iterator[Dataset]:
        seen: dict[str, Path] = {}
        for path in sorted(self._root.iterdir()):
            if path.name.startswith((".", "_")) or not (path.is_dir() or is_data(path)):
                continue
            dataset = _dataset(path)
            if dataset.id in seen:
                raise LakeError(f"{path} and {seen[dataset.id]} have the same dataset id {dataset.id}")
            seen[dataset.id] = path
            yield dataset


def is_data(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES) and not _SIDECAR.search(path.name.lower()) and path.is_file()


def dataset_id(name: str) -> str:
    """The id of a dataset that doesn't name one: 24 hexadecimal digits that depend on the folder's name alone."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def _dataset(path: Path) -> Dataset:
    stem = path.name if path.is_dir() else path.name.partition(".")[0]
    sidecar = _sidecar(path, stem)
    sandboxes = sidecar.get("sandbox")
    if isinstance(sandboxes, str):
        sandboxes = [sandboxes]
    return Dataset(
        id=str(sidecar.get("id", dataset_id(stem))),
        name=str(sidecar.get("name", stem)),
        description=str(sidecar.get("description", "Emulated dataset")),
        path=path,
        exportable=bool(sidecar.get("exportable", True)),
        sandboxes=None if sandboxes is None else frozenset(map(str, sandboxes)),
    )


def _sidecar(path: Path, stem: str) -> dict[str, Any]:
    folder, prefix = (path, "dataset") if path.is_dir() else (path.parent, f"{stem}.dataset")
    for suffix in ("yaml", "yml", "json"):
        candidate = folder / f"{prefix}.{suffix}"
        if not candidate.is_file():
            continue
        try:
            document = YAML(typ="safe", pure=True).load(candidate.read_text("utf-8"))
        except (YAMLError, UnicodeDecodeError) as error:
            raise LakeError(f"{candidate} is not readable: {error}") from error
        if not isinstance(document, dict):
            raise LakeError(f"{candidate} must hold a mapping")
        if unknown := set(document) - _KNOWN:
            raise LakeError(f"{candidate} has unknown keys: {', '.join(sorted(map(str, unknown)))}")
        return document
    return {}
