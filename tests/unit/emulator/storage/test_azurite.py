from __future__ import annotations

from pathlib import Path

import pytest

from emulator.storage import node
from emulator.storage.azure_certificates import issue
from emulator.storage.azurite import blob_service
from emulator.storage.node import Azurite, AzuriteUnavailableError


@pytest.mark.parametrize(
    ("program", "seconds", "complaint"),
    [("echo the reason; exit 1", 30, "ended while it started: the reason"), ("exec sleep 60", 0.1, "did not answer")],
)
def test_one_that_does_not_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, seconds: float, complaint: str
) -> None:
    script = tmp_path / "node"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    monkeypatch.setattr(node, "install", lambda: Azurite(script, tmp_path / "main.js"))
    monkeypatch.setattr("emulator.storage.azurite._START_SECONDS", seconds)
    monkeypatch.setattr("emulator.storage.azurite._STOP_SECONDS", 0.1)
    with pytest.raises(AzuriteUnavailableError, match=complaint), blob_service(issue(tmp_path), "a2V5", tmp_path):
        pass
