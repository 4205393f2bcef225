from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from emulator.adobe.clock import epoch_millis

from .conftest import START, Adobe, keys

HOUR = 3600
SLOT = START + timedelta(hours=1)


def created(runs: list[dict[str, Any]]) -> list[int]:
    return [run["createdAt"] for run in runs]


def just_after(*hours: int) -> list[int]:
    return [epoch_millis(START + timedelta(hours=hour, seconds=1)) for hour in hours]


def count(adobe: Adobe) -> int:
    return adobe.get("/runs", params={"count": "true"}).json()["count"]


def test_t76_no_run_exists_before_the_first_slot(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    adobe.advance(HOUR - 11)
    assert count(adobe) == 0
    adobe.advance(11)
    assert created(adobe.finished_runs(flow)) == just_after(1)


def test_a_jump_runs_every_missed_slot_in_order(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    adobe.advance(10 * HOUR)
    runs = adobe.finished_runs(flow, 4)
    assert created(runs) == just_after(1, 4, 7, 10)
    assert [run["metrics"]["recordSummary"]["outputRecordCount"] for run in runs] == [3, 0, 0, 0]
    assert {key.split("/")[3] for key in keys(s3)} == {"exportTime=202701010100"}
    started = [run["metrics"]["durationSummary"]["startedAtUTC"] for run in runs]
    assert started == sorted(started)
    assert all(first <= second for first, second in zip(created(runs), started, strict=True))


def test_a_disabled_flow_misses_its_slots_for_good(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    adobe.post(f"/flows/{flow}/action?op=disable")
    adobe.advance(5 * HOUR)
    adobe.post(f"/flows/{flow}/action?op=enable")
    adobe.advance(HOUR)
    assert count(adobe) == 0
    adobe.advance(HOUR)
    assert created(adobe.finished_runs(flow)) == just_after(7)


def test_a_schedule_in_the_past_starts_with_its_next_slot(adobe: Adobe, s3: Any) -> None:
    start = int(START.timestamp()) - 2 * HOUR
    flow = adobe.flow(schedule={"interval": 3, "timeUnit": "hour", "startTime": start, "endTime": start + 9 * HOUR})
    adobe.advance(24 * HOUR)
    assert created(adobe.finished_runs(flow, 3)) == just_after(1, 4, 7)


def test_a_single_full_export_carries_everything_once(adobe: Adobe, s3: Any) -> None:
    start = int(SLOT.timestamp())
    once = {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day", "startTime": start}
    flow = adobe.flow(schedule=once)
    adobe.advance(100 * HOUR)
    (run,) = adobe.finished_runs(flow)
    assert run["metrics"]["recordSummary"]["outputRecordCount"] == 3
    adobe.run_now(flow)
    assert adobe.finished_runs(flow, 2)[1]["metrics"]["recordSummary"]["outputRecordCount"] == 3


def test_a_changed_schedule_counts_from_the_change_on(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    start = int(SLOT.timestamp()) + 1800
    later = {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 1, "timeUnit": "day", "startTime": start}
    operation = {"op": "replace", "path": "/scheduleParams", "value": later}
    assert adobe.patch(f"/flows/{flow}", [operation], adobe.item(f"/flows/{flow}")["etag"]).status_code == 200
    adobe.advance(10)
    adobe.advance(26 * HOUR)
    expected = [epoch_millis(SLOT + timedelta(days=day, minutes=30, seconds=1)) for day in (0, 1)]
    assert created(adobe.finished_runs(flow, 2)) == expected


def test_a_deleted_flow_runs_no_more(adobe: Adobe, s3: Any) -> None:
    adobe.call("DELETE", f"/flows/{adobe.flow()}")
    adobe.advance(10 * HOUR)
    assert count(adobe) == 0


def test_a_run_whose_connection_was_deleted_in_the_ui_fails(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    target = adobe.item(f"/flows/{flow}")["targetConnectionIds"][0]
    edit = {"sandbox": "prod", "kind": "targetConnections", "id": target, "delete": True}
    assert adobe.post("/_emulator/entities/edit", edit).status_code == 204
    adobe.advance(4 * HOUR)
    for run in adobe.finished_runs(flow, 2):
        assert run["metrics"]["statusSummary"]["errors"][1]["code"] == "FLOW-1430-400"


def test_time_passes_by_itself(start_adobe: Callable[..., Adobe], s3: Any) -> None:
    adobe = start_adobe(speed=20_000.0)
    flow = adobe.create("flows", scheduled(adobe))
    assert adobe.finished_runs(flow)


def scheduled(adobe: Adobe) -> dict[str, Any]:
    source, target = adobe.source(), adobe.target(adobe.base())
    start = int(adobe.emulator.world.clock.now().timestamp()) + HOUR
    return {
        "name": "f",
        "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"},
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "scheduleParams": {"interval": 3, "timeUnit": "hour", "startTime": start},
    }


def test_t69_runs_speak_several_vocabularies(start_adobe: Callable[..., Adobe], s3: Any) -> None:
    adobe = start_adobe(vary=True)
    flow = adobe.flow()
    adobe.advance(10 * HOUR)
    runs = adobe.finished_runs(flow, 4)
    words = [run["metrics"]["statusSummary"]["status"] for run in runs]
    assert words == ["success", "Success", "COMPLETED", "success"]
    assert "stoppedAtUTC" in runs[1]["metrics"]["durationSummary"]


def test_t74_a_stalled_run_goes_on_and_stays_without_figures(adobe: Adobe, s3: Any) -> None:
    adobe.flow()
    adobe.post("/_emulator/run-faults", {"outcome": "stall"})
    adobe.advance(HOUR)
    for _ in range(500):
        (run,) = adobe.get("/runs").json()["items"]
        if "metrics" in run:
            break
        time.sleep(0.01)
    assert run["metrics"]["statusSummary"] == {"status": "processing"}
    assert "recordSummary" not in run["metrics"]
    assert "completedAtUTC" not in run["metrics"]["durationSummary"]


@pytest.mark.parametrize(("outcome", "status", "written"), [("fail", "failed", 0), ("partial", "success", 1)])
def test_an_outcome_can_be_planted(adobe: Adobe, s3: Any, outcome: str, status: str, written: int) -> None:
    flow = adobe.flow()
    errors = [{"code": "CONNECTOR-2001-500", "message": "planted"}]
    adobe.post("/_emulator/run-faults", {"outcome": outcome, "errors": errors})
    adobe.advance(HOUR)
    (run,) = adobe.finished_runs(flow)
    assert run["metrics"]["statusSummary"]["status"] == status
    assert run["metrics"]["statusSummary"]["errors"] == errors
    assert bool(keys(s3)) == bool(written)
    assert run["metrics"]["recordSummary"]["failedRecordCount"] == written


def test_a_fault_of_the_emulator_itself_fails_the_run_and_is_seen(
    adobe: Adobe, s3: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    flow = adobe.flow()
    monkeypatch.setattr("emulator.adobe.writers.write", lambda *_: 1 / 0)
    adobe.advance(4 * HOUR)
    runs = adobe.finished_runs(flow, 2)
    assert [run["metrics"]["statusSummary"]["status"] for run in runs] == ["failed", "failed"]
    assert "ZeroDivisionError" in caplog.text


def test_runs_are_listed_with_filters_and_order(adobe: Adobe, s3: Any) -> None:
    flow, other = adobe.flow(name="a"), adobe.flow(name="b")
    adobe.advance(4 * HOUR)
    adobe.finished_runs(flow, 2)
    adobe.finished_runs(other, 2)
    params = [("property", f"flowId=={flow}"), ("property", "state==success"), ("orderby", "-createdAt")]
    listed = adobe.get("/runs", params=params).json()["items"]
    assert created(listed) == list(reversed(just_after(1, 4)))
    assert {run["flowId"] for run in listed} == {flow}
    assert all("state" not in run for run in listed)
    late = adobe.get("/runs", params={"property": f"metrics.durationSummary.startedAtUTC>{just_after(3)[0]}"})
    assert len(late.json()["items"]) == 2


def test_a_reset_forgets_a_run_under_way(adobe: Adobe, s3: Any) -> None:
    adobe.flow()
    adobe.advance(HOUR)
    assert adobe.post("/_emulator/reset").status_code == 204
    assert count(adobe) == 0
    assert adobe.get("/flows").json()["items"] == []
