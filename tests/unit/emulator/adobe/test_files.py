from __future__ import annotations

import base64
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from pysequoia import Tsk, decrypt

from emulator.adobe import files
from emulator.adobe.encryption import Encryption
from emulator.adobe.files import Files
from emulator.adobe.settings import Settings
from emulator.adobe.sinks import SinkError, Sinks

SFTP = "36965a81-b1c6-401b-99f8-22508f1e6a26"
CAMPAIGN = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
AT = datetime(2027, 1, 1, 0, 10, 10, 999, tzinfo=UTC)


class Memory(dict[str, bytes]):
    """A sink that keeps everything."""

    def put(self, key: str, body: IO[bytes] | bytes) -> None:
        self[key] = body if isinstance(body, bytes) else body.read()


def content(stream: IO[bytes]) -> None:
    stream.write(b"some rows")


def test_files_are_sent_whole_and_listed_folder_by_folder() -> None:
    memory = Memory()
    ours = Files(memory, "base")
    assert ours.put("base/a", "1.csv", content) == 9
    assert ours.put("base/a", "2.csv", lambda _: None) == 0
    assert ours.put("", "3.csv", content) == 9
    ours.mark("base/a", "_SUCCESS")
    last = ours.put_manifests("target", "run", AT)
    name = "manifest-target-run.json"
    assert set(memory) == {"base/a/1.csv", "base/a/2.csv", "3.csv", "base/a/_SUCCESS", f"base/a/{name}", name}
    assert memory["base/a/1.csv"] == b"some rows"
    assert last == json.loads(memory[name])
    assert json.loads(memory[f"base/a/{name}"]) == {
        "flowRunId": "run",
        "scheduledTime": "2027-01-01T00:10:10Z",
        "exportResults": [
            {"sinkPath": "/base/a", "name": "1.csv", "size": 9},
            {"sinkPath": "/base/a", "name": "2.csv", "size": 0},
        ],
    }


def test_no_files_have_no_manifest() -> None:
    memory = Memory()
    assert Files(memory, "").put_manifests("target", "run", AT) == {}
    assert memory == {}


def test_encrypted_files_have_their_own_names_and_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private, memory = Tsk.generate("reader"), Memory()
    ours = Files(memory, "", Encryption(base64.b64encode(bytes(private.extract_certificate())).decode()))
    size = ours.put("a", "1.csv.gz", content)
    manifest = ours.put_manifests("target", "run", AT)
    assert manifest["exportResults"] == [{"sinkPath": "/a", "name": "1.csv.gz.pgp", "size": size}]
    assert size == len(memory["a/1.csv.gz.pgp"])
    assert decrypt(memory["a/1.csv.gz.pgp"], private.decryptor()).bytes == b"some rows"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_destination_refuses_is_not_listed() -> None:
    class Refusing(Memory):
        def put(self, key: str, body: IO[bytes] | bytes) -> None:
            raise SinkError("no", "Denied")

    ours = Files(Refusing(), "")
    with pytest.raises(SinkError):
        ours.put("a", "1.csv", content)
    assert ours.put_manifests("target", "run", AT) == {}


def test_what_does_not_fit_the_base_connection_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    base = {"connectionSpec": {"id": CAMPAIGN}, "auth": {"specName": "S3", "params": {}}}
    with pytest.raises(SinkError, match="does not fit"):
        files.open_files(Sinks(Settings(lake=tmp_path)), base, {"mode": "FTP", "remotePath": "a"})
