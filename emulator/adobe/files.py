"""How the files of a run reach the destination: spooled, encrypted where asked for, sent whole, listed in manifests."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

from emulator.adobe import encryption, layout
from emulator.adobe.clock import iso
from emulator.adobe.encryption import Encryption
from emulator.adobe.http import Json
from emulator.adobe.sinks import Sink, Sinks

SPOOL_BYTES = 32 << 20


class Files:
    """Writes the files of one run.

    Args:
        sink: where they go.
        root: the folder that the target connection names, without a slash at either end.
        sealing: what data files are encrypted with; None leaves them as they are.
    """

    def __init__(self, sink: Sink, root: str, sealing: Encryption | None = None) -> None:
        self.root = root
        self._sink = sink
        self._sealing = sealing
        self._written: dict[str, list[Json]] = {}

    def put(self, folder: str, name: str, write: Callable[[IO[bytes]], None]) -> int:
        """Send one data file.

        Args:
            folder: of the bucket, container or login directory, without a slash at either end; empty for itself.
            name: the file's, to which encryption adds its suffix.
            write: writes the content to a binary file and leaves that open.

        Returns:
            The bytes sent, after encryption.

        Raises:
            SinkError: the destination refused, or the key can't be encrypted to.
        """
        if self._sealing is not None:
            name += encryption.SUFFIX
            size = self._send_sealed(self._sealing, _key(folder, name), write)
        else:
            with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
                write(spool)
                size = spool.tell()
                spool.seek(0)
                self._sink.put(_key(folder, name), spool)
        self._written.setdefault(folder, []).append({"sinkPath": f"/{folder}", "name": name, "size": size})
        return size

    def mark(self, folder: str, name: str) -> None:
        """Send an empty file, such as Spark leaves; no manifest lists it."""
        self._sink.put(_key(folder, name), b"")

    def put_manifests(self, target_id: str, run_id: str, scheduled: datetime) -> Json:
        """One manifest per folder, in the clear; returns the last one, or an empty one where nothing was written."""
        manifest: Json = {}
        for folder, results in self._written.items():
            manifest = {
                "flowRunId": run_id,
                "scheduledTime": iso(scheduled.replace(microsecond=0)).replace(".000Z", "Z"),
                "exportResults": results,
            }
            self._sink.put(_key(folder, layout.manifest_name(target_id, run_id)), json.dumps(manifest).encode())
        return manifest

    def _send_sealed(self, sealing: Encryption, key: str, write: Callable[[IO[bytes]], None]) -> int:
        with tempfile.TemporaryDirectory(prefix="aep-delivery-export-") as private:
            plain, sealed = Path(private, "plain"), Path(private, "sealed")
            with plain.open("wb") as spool:
                write(spool)
            sealing.encrypt(plain, sealed)
            with sealed.open("rb") as body:
                self._sink.put(key, body)
            return sealed.stat().st_size


def open_files(sinks: Sinks, base: Json, params: Json) -> Files:
    """What a run writes to.

    Args:
        sinks: the destinations.
        base: document of the base connection, secrets included.
        params: of the target connection.

    Raises:
        SinkError: the credentials or the key can't be used.
    """
    spec_id = base["connectionSpec"]["id"]
    sink = sinks.open(spec_id, base.get("auth", {}), params)
    return Files(sink, sinks.root(spec_id, params), encryption.of(base))


def _key(folder: str, name: str) -> str:
    return f"{folder}/{name}".lstrip("/")
