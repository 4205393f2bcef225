"""What the tests of audiences do over and over: apply by the command line, travel to a slot, read what was written."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.keep import environment
from tests.workflow import sandboxes
from tests.workflow.bench import BUCKET, SECRET, Bench, Ended, with_fields

PROGRAM = Path(__file__).parents[3] / "bin" / "aep-delivery"
SPEED = 60
"""How much faster than the wall's Adobe's clock runs: as much as the workflow's waits are shorter."""
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
COLUMNS = ["email", "first_name", "tier"]


class Stage(Bench):
    """One installation, and an unlimited number of audience deliveries in it."""

    def config(self, *, audiences: tuple[str, ...] = ("Loyalty Gold",), **changes: Any) -> dict[str, Any]:
        """A config under a name nobody else has; `changes` are as :meth:`Bench.config` takes them."""
        name = f"a-{uuid.uuid4().hex[:10]}"
        config: dict[str, Any] = {
            "version": 1,
            "name": name,
            "sandbox": "prod",
            "destination": {
                "type": "amazon-s3",
                "auth": {"type": "access-key", "secret": f"secret://{SECRET}"},
                "bucketName": BUCKET,
                "path": f"audiences/{name}",
                "fileType": "CSV",
                "compression": "NONE",
            },
            "audiences": [{"name": audience} for audience in audiences],
            "activation": {
                "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
                "schedule": {"frequency": "DAILY", "startTime": "12:00"},
                "filenameTemplate": "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%",
                "attributes": [
                    {"source": "personalEmail.address", "column": "email"},
                    {"source": "person.name.firstName", "column": "first_name"},
                    {"source": "loyalty.tier", "column": "tier"},
                ],
                "primaryFields": [{"attributePath": "personalEmail.address"}],
            },
            "run": {"trigger": "SCHEDULED"},
        }
        return with_fields(config, changes)

    # ---- the command line ----

    def cli(self, *arguments: str | Path, code: int = 0) -> str:
        """What the real program says, with the environment that ``make cloud`` prints and nothing else."""
        shell = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | environment(self.installation)
        done = subprocess.run(  # noqa: S603 - our own program
            [PROGRAM, *arguments], env=shell, capture_output=True, text=True, check=False, timeout=90
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code != 1 else done.stdout + done.stderr

    def plan(self, config: dict[str, Any], *, code: int = 2) -> str:
        with written(config) as file:
            return self.cli("plan", file, code=code)

    def apply(self, config: dict[str, Any]) -> str:
        with written(config) as file:
            return self.cli("apply", file, "--yes")

    # ---- time ----

    def morning(self) -> datetime:
        """It is eight o'clock on a day that no test has seen yet."""
        at = self.adobe_time().replace(hour=8, minute=0, second=0) + DAY
        self.control("POST", "clock", {"set": at.isoformat(), "speed": SPEED})
        return at

    def deliver_at(self, slot: datetime, config: dict[str, Any]) -> Ended:
        """A minute before a slot, drop a config that waits for it, and let the slot come."""
        # As slow as the wall's, so that the slot cannot pass while the workflow has not looked for it yet.
        self.control("POST", "clock", {"set": (slot - MINUTE).isoformat(), "speed": 1})
        self.forget_the_time()
        try:
            arn = self.drop(config)
            wait_until(lambda: "WaitForRun" in self.states(arn) or self.is_over(arn), seconds=60)
        finally:
            self.control("POST", "clock", {"speed": SPEED})
        return self.ended(arn)

    def forget_the_time(self) -> None:
        """A function that is warm may trust a reading of Adobe's clock for a minute, in which this one leaps a day."""
        endpoint = self.installation.cloud.endpoint
        if sandboxes.processes(endpoint, "StartRun"):
            sandboxes.kill(endpoint, "StartRun")

    def states(self, arn: str) -> list[str]:
        history = self.installation.history(arn)
        return [entry["stateEnteredEventDetails"]["name"] for entry in history if "stateEnteredEventDetails" in entry]

    def is_over(self, arn: str) -> bool:
        return bool(self.installation.describe(arn)["status"] != "RUNNING")

    # ---- Adobe ----

    def become(self, number: int, **values: Any) -> None:
        """A person's profile changes: ``loyalty__tier="gold"``."""
        paths = {name.replace("__", "."): value for name, value in values.items()}
        body = {"identity": {"CRMID": f"C-{number}"}, "set": paths}
        assert self.control("POST", "profiles", body) == {"changed": 1}

    def selectors(self, config: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The audiences on a delivery's dataflow, by name."""
        (flow,) = self.entities(config)["flows"]
        return {one["value"]["name"]: one["value"] for one in selectors_of(flow)}

    def edit_flow(self, config: dict[str, Any], *operations: dict[str, Any]) -> None:
        """Somebody changes the dataflow in Adobe's user interface."""
        (flow,) = self.entities(config)["flows"]
        edit = {"sandbox": config["sandbox"], "kind": "flows", "id": flow["id"], "patch": list(operations)}
        self.control("POST", "entities/edit", edit)

    @contextmanager
    def patches(self) -> Iterator[list[list[dict[str, Any]]]]:
        """The operations of every PATCH of a dataflow that Adobe took meanwhile; filled when the context ends."""
        found: list[list[dict[str, Any]]] = []
        self.control("DELETE", "requests")
        yield found
        found += [
            request["body"]
            for request in self.control("GET", "requests")["requests"]
            if request["method"] == "PATCH" and "/flows/" in request["path"] and request["status"] < 300
        ]

    # ---- files ----

    def body(self, key: str) -> bytes:
        found: bytes = self.installation.cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return gzip.decompress(found) if key.endswith(".gz") else found

    def people(self, key: str) -> list[dict[str, str]]:
        """The rows of a CSV."""
        return list(csv.DictReader(io.StringIO(self.body(key).decode())))

    def new_files(self, config: dict[str, Any], known: list[str]) -> list[str]:
        return sorted(set(self.files(config)) - set(known))


def selectors_of(flow: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    return found


def by_audience(ended: Ended) -> dict[str, dict[str, Any]]:
    """What the receipt says of each audience."""
    return {one["name"]: one for one in ended.receipt["verification"]["audiences"]}


def codes(ended: Ended) -> set[str]:
    """The codes of all findings of a receipt, those of single files too."""
    verification = ended.receipt["verification"]
    files = [file for one in verification["audiences"] for file in one["files"]]
    return {finding["code"] for each in (verification, *files) for finding in each["findings"]}


@contextmanager
def written(config: dict[str, Any]) -> Iterator[Path]:
    """A config as a file, as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{config['name']}.yaml")
        path.write_text(json.dumps(config, indent=2))
        yield path


def wait_until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def at(day: datetime, hour: int) -> datetime:
    return day.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
