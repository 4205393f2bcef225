"""What happens to fifty deliveries in an hour: configs dropped, told of late, twice and in the wrong order."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

HOUR = 3600.0
NEVER = "0" * 32
"""A version that no object has."""
NONSENSE = '{"source": "x", "detail-type": "Delivery Requested"}'
"""An event that says nothing."""


@dataclass(frozen=True)
class Drop:
    """One version of one config.

    Attributes:
        at: When it is dropped, in seconds from the beginning.
        told_at: When its event arrives, and each of its one to five duplicates.
    """

    key: str
    body: bytes
    at: float
    told_at: tuple[float, ...]
    is_last: bool


@dataclass(frozen=True)
class Foreign:
    """Something that is told of and is no config to deliver."""

    kind: str
    key: str
    at: float


@dataclass(frozen=True)
class Plan:
    """All of it."""

    drops: tuple[Drop, ...]
    foreign: tuple[Foreign, ...]

    @property
    def events(self) -> int:
        """Config events, with their duplicates."""
        return sum(len(drop.told_at) for drop in self.drops)


FOREIGN = ("no-config", "base", "gone-version", "removed-object", "nonsense")


@dataclass
class Making:
    """How many of what.

    Attributes:
        deliveries: How many configs.
        versions: How many versions of each are dropped.
        hurry: Over how many seconds the versions of one config are spread.
        late: How likely a copy of an event is told of late, by up to an hour.
    """

    deliveries: int = 50
    versions: int = 4
    hurry: float = 600.0
    late: float = 0.25
    seed: int = 1
    _random: random.Random = field(init=False)

    def plan(self, **changes: Any) -> Plan:
        """The plan; `changes` are fields that every config has.

        The same for the same numbers.
        """
        self._random = random.Random(self.seed)  # noqa: S311 - the same every time
        drops = [drop for number in range(self.deliveries) for drop in self._drops(number, changes)]
        count = max(len(FOREIGN), len(drops) // 5)
        foreign = [self._foreign(FOREIGN[number % len(FOREIGN)], number, drops) for number in range(count)]
        return Plan(tuple(sorted(drops, key=lambda drop: drop.at)), tuple(sorted(foreign, key=lambda one: one.at)))

    def _drops(self, number: int, changes: dict[str, Any]) -> list[Drop]:
        chance = self._random
        name = f"chaos-{number:03d}"
        start = chance.uniform(0, HOUR)
        times = sorted(start + chance.uniform(0, self.hurry) for _ in range(self.versions))
        return [
            Drop(
                key=f"deliveries/{name}.json",
                body=self._body(name, version, changes),
                at=at,
                told_at=tuple(sorted(self._told(at) for _ in range(1 + chance.randint(1, 5)))),
                is_last=version == self.versions - 1,
            )
            for version, at in enumerate(times)
        ]

    def _told(self, at: float) -> float:
        delay = self._random.uniform(0, HOUR) if self._random.random() < self.late else self._random.uniform(0, 30)
        return at + delay

    def _body(self, name: str, version: int, changes: dict[str, Any]) -> bytes:
        """Drawn from 27; one in fifteen cannot be read."""
        chance = self._random
        if version < self.versions - 1 and chance.random() < 1 / 15:
            return b'{"version": 1, "name": '
        datasets = chance.choice((("Planes",), ("Airports",), ("Planes", "Airports")))
        file_type, compression = chance.choice((("PARQUET", "NONE"), ("PARQUET", "GZIP"), ("JSON", "GZIP")))
        config = {
            "version": 1,
            "name": name,
            "sandbox": "prod",
            "destination": {
                "type": "amazon-s3",
                "auth": {"type": "access-key", "secret": "secret://planes-destination"},
                "bucketName": "delivered",
                "path": f"exports/{name}",
                "datasetFileType": file_type,
                "compression": compression,
                **changes.get("destination", {}),
            },
            "datasets": [{"name": dataset} for dataset in datasets],
            "scheduleParams": {
                "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
                "interval": chance.choice((3, 6, 12)),
                "timeUnit": "hour",
                # Far away: no run but those asked for.
                "startTime": "2027-03-01T00:00:00Z",
                # Adobe's own names folders by the minute: two runs within one could not be told apart.
                "foldernameTemplate": "%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
                **changes.get("scheduleParams", {}),
            },
            "run": {"trigger": "NOW"},
            # Otherwise a change of what several datasets share is refused.
            "allow": ["schedule-change"],
        }
        return json.dumps(config).encode()

    def _foreign(self, kind: str, number: int, drops: list[Drop]) -> Foreign:
        at = self._random.uniform(0, 2 * HOUR)
        keys = {
            "no-config": f"deliveries/readme-{number}.txt",
            "base": f"deliveries/common-{number}.base.json",
            "gone-version": self._random.choice(drops).key,
            "removed-object": f"deliveries/removed-{number}.json",
            "nonsense": "",
        }
        return Foreign(kind, keys[kind], at)


def object_created(bucket: str, key: str, version: str) -> dict[str, Any]:
    """The event by which S3 tells of an object."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": datetime.now(UTC).isoformat(),
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 1, "etag": "0", "version-id": version, "sequencer": "00"},
            "request-id": "0",
            "requester": "0",
            "reason": "PutObject",
        },
    }
