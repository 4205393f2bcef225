from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emulator.cloud import engine
from emulator.cloud.engine import Cloud, start


def test_the_environment_holds_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "HTTPS_PROXY", "HTTP_PROXY", "HOME"):
        monkeypatch.setenv(name, "the-users-own")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-users-own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-users-own")
    cloud = Cloud("http://127.0.0.1:1", tmp_path)
    environment = engine._environment(cloud, 1, wait_scale=0.5, iam=True)
    assert "the-users-own" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["AUTH"] == "true"
    assert environment["SFN_WAIT_SCALE"] == "0.5"


def test_clients_are_made_once_and_closed_together(tmp_path: Path) -> None:
    cloud = Cloud("http://127.0.0.1:1", tmp_path)
    client = cloud.client("sqs")
    assert cloud.client("sqs") is client
    assert cloud.client("sqs", access_key="other") is not client
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    cloud.close()


def test_an_emulator_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such module\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(RuntimeError, match="ended while it started:\nno such module"), start():
        pass


def test_nothing_is_left_of_a_start_that_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError), start():
        pass
    assert list(tmp_path.iterdir()) == []
