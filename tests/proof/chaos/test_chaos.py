"""Configs dropped, told of twice, late and in the wrong order, while Adobe fails; and what is true when it is over.

In one process, where hundreds of executions run side by side in threads and time is made up; and in the embedded cloud,
where everything is real but AWS and Adobe.
"""

from __future__ import annotations

import json
import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aep_delivery.state.lock import LockRecord
from emulator.installation import install
from tests.proof.chaos import embedded
from tests.proof.chaos.embedded import EmbeddedChaos
from tests.proof.chaos.events import FOREIGN, HOUR, Making
from tests.proof.chaos.history import counted
from tests.proof.chaos.in_process import live
from tests.proof.chaos.memory import watched
from tests.proof.figures import PROOF, write_figures
from tests.workflow.bench import BUCKET, SECRET

GOOD = {"SUCCEEDED", "VERIFIED", "EMPTY"}
REFUSED = {"config.superseded", "config.syntax", "config.not-found"}
"""What an execution may be refused with here: replaced while it waited, cut off, not there any more."""
MEGABYTE = 1 << 20


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("silence")
def test_a_little_chaos(tmp_path: Path) -> None:
    found = live(Making(deliveries=8, versions=4, hurry=120, seed=3).plan(), tmp_path, seed=3)
    assert found.wrong == []
    assert found.executions == found.versions == 8 * 4 + 2
    assert set(found.codes) <= GOOD | REFUSED
    assert found.faults.total() > found.calls / 7
    # That they came in each other's way, or there was nothing to prove.
    assert found.troubles["state.delivery-locked"]
    assert found.codes["config.superseded"]
    assert counted(found.changes).holders == len(found.sections)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("silence")
def test_with_a_lock_that_lets_everybody_in_the_chaos_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = LockRecord.acquire
    monkeypatch.setattr(
        LockRecord, "acquire", lambda self, *args, **kwargs: acquire(LockRecord(token=self.token), *args, **kwargs)
    )
    found = live(Making(deliveries=2, versions=5, hurry=20, late=0.0).plan(), tmp_path)
    assert any(" took it from " in one for one in found.wrong)
    assert any(" has the lock while " in one for one in found.wrong)


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("silence")
def test_a_thousand_versions_in_one_process(tmp_path: Path) -> None:
    started = time.monotonic()
    plan = Making(deliveries=50, versions=20, hurry=HOUR / 2, seed=1).plan()
    found = live(plan, tmp_path)
    checked = counted(found.changes)
    write_figures(
        "chaos-one-process",
        chaos="Steps in one process, in threads",
        deliveries=50,
        versions=len(plan.drops),
        events=plan.events,
        foreign=len(plan.foreign),
        executions=found.executions,
        calls=found.calls,
        faults=found.faults.total(),
        lock_changes=checked.lock_changes,
        holders=checked.holders,
        waits=found.troubles["state.delivery-locked"],
        wrong=len(found.wrong),
        side_by_side=found.threads,
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        seconds=time.monotonic() - started,
        ends=dict(found.codes),
        repeated=dict(found.troubles),
    )
    assert found.wrong == []
    assert set(found.codes) <= GOOD | REFUSED


@pytest.mark.skipif(not PROOF, reason="takes half an hour: make proof")
@pytest.mark.timeout(5400)
def test_nearly_a_thousand_events_in_the_embedded_cloud(tmp_path: Path) -> None:
    started = time.monotonic()
    lake = tmp_path / "lake"
    for name in ("Planes", "Airports"):
        (lake / name).mkdir(parents=True)
        (lake / name / "dataset.json").write_text(json.dumps({"name": name}))
        (lake / name / "part-1.json").write_text('{"a": 1}\n{"a": 2}\n')
    far_away = (datetime.now(UTC) + timedelta(days=60)).replace(microsecond=0)
    secret = {"auth": {"type": "access-key", "secret": f"secret://{SECRET}"}, "bucketName": BUCKET}
    plan = Making(deliveries=embedded.DELIVERIES, versions=embedded.VERSIONS, hurry=300).plan(
        destination=secret, scheduleParams={"startTime": far_away.isoformat()}
    )
    with (
        watched() as peak,
        install(lake, wait_scale=embedded.WAIT_SCALE, adhoc_ready_after=0.0) as installation,
    ):
        installation.add_destination(BUCKET, SECRET)
        found = EmbeddedChaos(plan, installation).live()
    checked = counted(found.changes)
    write_figures(
        "chaos-embedded-cloud",
        chaos="The template in the embedded cloud",
        deliveries=embedded.DELIVERIES,
        versions=len(plan.drops),
        events=plan.events,
        foreign=len(plan.foreign),
        executions=found.executions,
        calls=found.calls,
        faults=found.faults,
        lock_changes=checked.lock_changes,
        holders=checked.holders,
        waits=found.waits,
        wrong=len(found.wrong),
        side_by_side=found.most,
        peak_megabytes=peak.bytes // MEGABYTE,
        processes=peak.processes,
        seconds=time.monotonic() - started,
        ends=dict(found.ends),
    )
    assert found.wrong == []
    assert set(found.ends) <= GOOD | REFUSED
    assert {foreign.kind for foreign in plan.foreign} == set(FOREIGN)
