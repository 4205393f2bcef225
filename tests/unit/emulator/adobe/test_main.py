from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emulator.adobe.__main__ import main


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_ends_cleanly(lake: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "emulator.adobe", "--lake", str(lake), "--port", "0", "--start", "2027-01-01"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    with subprocess.Popen(  # noqa: S603  our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Adobe emulator listening on http://127.0.0.1:")
        address = line.split()[-1]
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{address}/_emulator/clock").json()["now"].startswith("2027-01-01T00:00")
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("extra", [["--org", "nobody"], ["--speed", "-1"], ["--host", "203.0.113.7"]])
def test_settings_that_do_not_fit_are_told(lake: Path, extra: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["--lake", str(lake), "--port", "0", *extra]) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert capsys.readouterr().err.startswith("python -m emulator.adobe: ")


def test_a_missing_lake_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["--lake", str(tmp_path / "nothing")]) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert "is not a directory" in capsys.readouterr().err
