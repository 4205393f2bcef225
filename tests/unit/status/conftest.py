from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.status.records import Ending, Expected, Known, StatusRecord
from aep_delivery.status.rhythm import Rhythm

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def ending():
    """Makes an ending of a delivery, at `ago` before now."""

    def make(execution="e-1", *, verdict="VERIFIED", ago=HOUR, slot=None, **fields):
        finished = NOW - ago
        good = verdict in {"VERIFIED", "EMPTY"}
        fields = {
            "slot": slot or finished - HOUR,
            "run_ids": (f"run-of-{execution}",),
            "bytes": 1000,
            "rows": 10,
            "files": 1,
            "applied": True,
            "page": f"deliveries/prod/orders/{execution}/receipt.html",
        } | fields
        return Ending(
            execution=execution, verdict=verdict, good=good, reason=f"It is {verdict}.", finished_at=finished, **fields
        )

    return make


@pytest.fixture
def known():
    """Makes what is known of a delivery that is exported every six hours."""

    def make(*, trigger="SCHEDULED", ends=None, exports="datasets", **rhythm):
        start = datetime(2026, 11, 1, tzinfo=UTC)
        one = Rhythm(start=start, hours=6, last=ends, ends_at=ends, **rhythm)
        expected = Expected(trigger=trigger, deadline_minutes=60, rhythms=(one,))
        return Known(destination="amazon-s3", exports=exports, count=2, expected=expected)

    return make


@pytest.fixture
def record():
    """Makes a record, first heard of ten days ago."""

    def make(delivery_id="prod/orders"):
        return StatusRecord(delivery_id=delivery_id, since=NOW - timedelta(days=10))

    return make
