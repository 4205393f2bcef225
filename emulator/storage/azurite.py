"""Azurite's blob service as a child process on loopback."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from emulator.storage import node
from emulator.storage.azure_certificates import Certificates
from emulator.storage.node import AzuriteUnavailableError

ACCOUNT = "devstoreaccount1"
_LEASH = Path(__file__).with_name("azurite") / "leash.cjs"
_LISTENING = re.compile(r"successfully listens on (https://127\.0\.0\.1:\d+)")
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


@contextlib.contextmanager
def blob_service(certificates: Certificates, account_key: str, folder: Path) -> Iterator[str]:
    """Run Azurite as long as the context lasts; what it holds is gone afterwards.

    Args:
        certificates: What it shows its clients.
        account_key: The key of its one account, base64.
        folder: Where its log goes.

    Yields:
        The URL of the account's blob service, such as ``https://127.0.0.1:41234/devstoreaccount1``.

    Raises:
        AzuriteUnavailableError: It is not installed and can't be, or ended before it answered.
    """
    installed = node.install()
    log = folder / "azurite.log"
    command = [
        *(str(installed.node), "--require", str(_LEASH), str(installed.blob_service)),
        *("--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--silent", "--disableTelemetry"),
        # The SDKs speak newer versions of the protocol than any Azurite knows; what is used here is older than all.
        "--skipApiVersionCheck",
        *("--oauth", "basic", "--cert", str(certificates.cert_file), "--key", str(certificates.key_file)),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words alone
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "AZURITE_ACCOUNTS": f"{ACCOUNT}:{account_key}"},
            # Ctrl-C reaches its starter alone, which ends it when nothing is written any more.
            start_new_session=True,
        )
    try:
        yield f"{_await_address(process, log)}/{ACCOUNT}"
    finally:
        _stop(process)


def _await_address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if found := _LISTENING.search(log.read_text()):
            return found[1]
        if process.poll() is not None:
            raise AzuriteUnavailableError(f"Azurite ended while it started: {log.read_text()[-500:].strip()}")
        time.sleep(0.02)
    raise AzuriteUnavailableError(f"Azurite did not answer within {_START_SECONDS:.0f} s.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let go of the leash; it keeps nothing that has to be written in order."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
