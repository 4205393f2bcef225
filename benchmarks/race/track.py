"""The ground that all run on: one embedded cloud with our stack and the bucket, one emulated Adobe, one data lake."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.race.contestants import ROOT, Contestant
from benchmarks.race.deliveries import BUCKET, SECRET, Config
from demo.keep import environment
from demo.lake import fill
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, DEFAULT_SCOPES
from emulator.installation import Installation, install
from emulator.shelves import Shelf

SPEED = 60
LONGEST = 300
"""Seconds after which a process is ended."""
KINDS = ("connections", "sourceConnections", "targetConnections", "flows", "runs")
MORNING = time(0, 10, tzinfo=UTC)
"""When Adobe's day begins here: a race must be over with audiences by noon, which is in twelve minutes of ours."""
_QUIET = {f"{name}State": "DISABLED" for name in ("RunsSchedule", "DriftSchedule", "FreshnessSchedule")}


@dataclass(frozen=True)
class Start:
    """One process, from its start to its end."""

    code: int
    said: str
    wall: float
    """Seconds."""
    cpu: float
    """Seconds of the process itself; what the embedded cloud does for it is not in it."""


class Track:
    """What runs, and the means to look at it and to disturb it.

    Args:
        installation: Both emulators.
        folder: For what contestants read and write.
    """

    def __init__(self, installation: Installation, folder: Path) -> None:
        self._installation = installation
        self._folder = folder
        secret = installation.outputs["DestinationSecretPrefix"] + SECRET
        key = json.loads(installation.cloud.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
        self._key = {"S3_ACCESS_KEY": key["s3AccessKey"], "S3_SECRET_KEY": key["s3SecretKey"]}

    @property
    def shelf(self) -> Shelf:
        """All that was delivered."""
        return self._installation.shelf({"type": "amazon-s3", "bucketName": BUCKET})

    def control(self, method: str, path: str, body: Config | None = None) -> Any:
        """A call of the emulated Adobe's own endpoints."""
        request = urllib.request.Request(  # noqa: S310 - the emulator's loopback address
            f"{self._installation.adobe.base_url}/_emulator/{path}",
            data=json.dumps(body).encode() if body is not None else None,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def clear(self) -> None:
        """Adobe has nothing, knows of no call and fails nowhere."""
        self.control("POST", "reset")

    def calls(self) -> tuple[int, int]:
        """How often Adobe was called since the last time this was asked, tokens included; how often for its runs."""
        made = self.control("GET", "requests")["requests"]
        self.control("DELETE", "requests")
        return len(made), sum(each["method"] == "GET" and each["path"].endswith("/runs") for each in made)

    def now(self) -> datetime:
        """By Adobe's clock."""
        return datetime.fromisoformat(self.control("GET", "clock")["now"])

    def counts(self) -> dict[str, int]:
        """How much there is in Adobe: entities and runs by kind, and audiences on dataflows."""
        kinds = self.control("GET", "entities?sandbox=prod")["sandboxes"]["prod"]
        return {kind: kinds[kind]["count"] for kind in KINDS} | {
            "audiences": sum(_audiences(flow) for flow in kinds["flows"]["items"])
        }

    def runs(self) -> list[Config]:
        """Adobe's runs."""
        found: list[Config] = self.control("GET", "entities?sandbox=prod")["sandboxes"]["prod"]["runs"]["items"]
        return found

    def start(self, contestant: Contestant, delivery: Config) -> Start:
        """Run a contestant once, in a process of its own."""
        began, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run(  # noqa: S603 - the commands are the contestants'
            contestant.command(self._folder, delivery),
            env=self._environment(contestant),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        wall, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Start(ended.returncode, ended.stdout[-4000:] + ended.stderr[-4000:], wall, cpu)

    def _environment(self, contestant: Contestant) -> dict[str, str]:
        """What a process gets: ours what every shell beside ``make cloud`` has, scripts what they read."""
        url = self._installation.adobe.base_url
        common = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "ADOBE_SPEED": str(SPEED),
            "NO_PROXY": "127.0.0.1",
        }
        cloud = environment(self._installation)
        if not contestant.is_peer:
            return common | cloud | {"PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}"}
        return {
            **common,
            **self._key,
            "AWS_ENDPOINT_URL": cloud["AWS_ENDPOINT_URL"],
            "AWS_DEFAULT_REGION": cloud["AWS_DEFAULT_REGION"],
            "ADOBE_URL": url,
            "ADOBE_CLIENT_ID": DEFAULT_CLIENT_ID,
            "ADOBE_CLIENT_SECRET": DEFAULT_CLIENT_SECRET,
            "ADOBE_ORG": DEFAULT_ORG,
            "ADOBE_SCOPES": ",".join(DEFAULT_SCOPES),
        }


def _audiences(flow: Config) -> int:
    parts = [part.get("params", {}) for part in flow.get("transformations", [])]
    return sum(len(part["segmentSelectors"]["selectors"]) for part in parts if "segmentSelectors" in part)


@contextlib.contextmanager
def prepared() -> Iterator[Track]:
    """A track for as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="aep-delivery-race-"))
    lake = folder / "lake"
    lake.mkdir()
    try:
        fill(lake)
        with install(
            lake,
            wait_scale=1 / SPEED,
            # Nothing but what is raced asks Adobe for anything.
            parameters=_QUIET,
            start=datetime.combine(datetime.now(UTC) + timedelta(days=1), MORNING),
            token_lifetime=10**7,
            # With Adobe everybody waits alike: five minutes until a new dataflow can be run, an hour for an audience.
            adhoc_ready_after=0.0,
            adhoc_audience_ready_after=0.0,
            settle_after=0.0,
            rows_per_part=5000,
            # Each field has its commonest name: that Adobe's pages disagree is nothing a script's writer could know.
            vary=False,
        ) as installation:
            installation.add_destination(BUCKET, SECRET)
            yield Track(installation, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
