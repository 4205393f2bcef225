"""Starts ministack as a child process on loopback and hands out clients of it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
ROOT = Path(__file__).resolve().parents[2]
# The environment of a sandbox starts from these alone: no credential and no endpoint of the user's shell may reach it.
INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "EMBEDDED_CLOUD_RIGHTS")


@dataclass
class Cloud:
    """A running embedded cloud.

    Attributes:
        endpoint: The one URL of all its services.
        folder: Its private folder: logs, unpacked functions.
        outputs: The outputs of the stack deployed last.
    """

    endpoint: str
    folder: Path
    outputs: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def log(self) -> Path:
        """The emulator's own log, in which the output of every function appears too."""
        return self.folder / "cloud.log"

    def client(self, service: str, *, access_key: str = "test", secret_key: str = "test") -> Any:  # noqa: S107
        """A boto3 client of this cloud; as the account's root unless keys are given."""
        with self._making:
            if (service, access_key) not in self._clients:
                make: Any = boto3.client
                self._clients[service, access_key] = make(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=REGION,
                    aws_access_key_id=access_key,
                    aws_secret_access_key=secret_key,
                    config=Config(retries={"mode": "standard"}, s3={"addressing_style": "path"}),
                )
            return self._clients[service, access_key]

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in self._clients.values():
            client.close()


@contextlib.contextmanager
def start(
    *, wait_scale: float = 1.0, iam: bool = True, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Cloud]:
    """Run the embedded cloud for as long as the context lasts.

    Args:
        wait_scale: What Wait and Retry seconds of a workflow are multiplied with.
        iam: Whether the functions' roles are enforced.
        environment: What every function gets besides its own variables.

    Yields:
        The cloud, answering.

    Raises:
        RuntimeError: The emulator ended before it answered.
    """
    # Whatever interrupts us, and however early, leaves no folder behind.
    with tempfile.TemporaryDirectory(prefix="aep-delivery-cloud-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        cloud = Cloud(f"http://127.0.0.1:{port}", Path(folder))
        with cloud.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "emulator.cloud.leash"],
                stdin=subprocess.PIPE,
                env={**_environment(cloud, port, wait_scale=wait_scale, iam=iam), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches us alone, and we end the emulator and all its sandboxes in order.
                start_new_session=True,
            )
        try:
            _await_answer(cloud, process)
            yield cloud
        finally:
            cloud.close()
            _stop(process)


def _environment(cloud: Cloud, port: int, *, wait_scale: float, iam: bool) -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "HOME": str(cloud.folder),
        "TMPDIR": str(cloud.folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": str(iam).lower(),
        "SFN_WAIT_SCALE": str(wait_scale),
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "shared"), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_answer(cloud: Cloud, process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The embedded cloud ended while it started:\n{cloud.log.read_text()[-2000:]}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{cloud.endpoint}/_ministack/health", timeout=1).close()  # noqa: S310
            return
        time.sleep(0.05)
    raise RuntimeError(f"The embedded cloud did not answer within {seconds} s:\n{cloud.log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the emulator and every sandbox it started: they share its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
