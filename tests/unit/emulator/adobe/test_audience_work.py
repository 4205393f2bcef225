from __future__ import annotations

from typing import Any

import pytest

from emulator.adobe.clock import epoch_millis

from .activation import (
    DAY,
    GOLD,
    HOUR,
    READERS,
    SELECTORS,
    SPENDERS,
    activate,
    activate_current,
    add,
    attribute,
    change,
    current_flow,
    current_skeleton,
    files,
    full,
    mapping_set,
    patch,
    profile,
    rows,
    schedule,
    selector,
    write_profiles,
)
from .conftest import START, Adobe

MAIL, STATUS = "personalEmail.address", "segmentMembership.status"
MOVES = [
    change(4, "+6h", loyalty__tier="gold"),
    change(1, "+6h", loyalty__tier="bronze"),
    change(2, "+30h", loyalty__points=7),
]


def mails(s3: Any, key: str, column: str = MAIL) -> list[str]:
    return [row[column].removesuffix("@example.com") for row in rows(s3, key)]


def output(run: dict[str, Any]) -> int:
    return run["metrics"]["recordSummary"]["outputRecordCount"]


def test_a_full_export_carries_the_active_population_each_day(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, changes=MOVES)
    flow = activate(adobe, full(), paths=[MAIL, STATUS])
    adobe.advance(26 * HOUR)
    adobe.finished_runs(flow, 2)
    first, second = files(s3)
    assert first == f"audiences/Amazon-S3_{GOLD}_20270101_010001.csv"
    assert rows(s3, first)[0] == {MAIL: "p1@example.com", STATUS: "realized"}
    assert [row[STATUS] for row in rows(s3, second)] == ["existing", "existing", "realized"]
    assert mails(s3, second) == ["p2", "p3", "p4"]


def test_an_incremental_export_carries_joins_and_with_the_status_exits(adobe: Adobe, s3: Any) -> None:
    """A changed attribute is no reason to be exported: on the third day there is nothing."""
    write_profiles(adobe.lake, changes=MOVES)
    flow = activate(adobe, selector(), paths=[MAIL, STATUS])
    adobe.advance(50 * HOUR)
    runs = adobe.finished_runs(flow, 3)
    first, second = files(s3)
    assert mails(s3, first) == ["p1", "p2", "p3"]
    assert {row[MAIL]: row[STATUS] for row in rows(s3, second)} == {
        "p1@example.com": "exited",
        "p4@example.com": "realized",
    }
    assert [output(run) for run in runs] == [3, 2, 0]


def test_without_the_status_an_incremental_export_carries_joins_alone(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, changes=MOVES)
    flow = activate(adobe, selector())
    adobe.advance(26 * HOUR)
    adobe.finished_runs(flow, 2)
    assert mails(s3, files(s3)[1]) == ["p4"]


def test_a_failed_export_is_made_up_for_by_the_next(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, changes=MOVES)
    flow = activate(adobe, selector())
    adobe.advance(2 * HOUR)
    adobe.finished_runs(flow)
    adobe.post("/_emulator/run-faults", {"outcome": "fail"})
    adobe.advance(DAY)
    adobe.finished_runs(flow, 2)
    adobe.advance(DAY)
    adobe.finished_runs(flow, 3)
    assert mails(s3, files(s3)[1]) == ["p4"]


def test_an_audience_that_comes_back_begins_in_full(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    flow = activate(adobe, selector())
    adobe.advance(2 * HOUR)
    adobe.finished_runs(flow)
    patch(adobe, flow, {"op": "remove", "path": f"{SELECTORS}/0"})
    patch(adobe, flow, add(f"{SELECTORS}/-", selector()))
    adobe.advance(DAY)
    assert [output(run) for run in adobe.finished_runs(flow, 2)] == [3, 3]


def test_each_audience_has_its_own_schedule(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    hourly = selector(READERS, times=schedule("EVERY_8_HOURS", startTime="02:00"))
    flow = activate(adobe, full(), hourly)
    adobe.advance(11 * HOUR)
    runs = adobe.finished_runs(flow, 3)
    assert [run["createdAt"] for run in runs] == [
        epoch_millis(START) + (hours * HOUR + 1) * 1000 for hours in (1, 2, 10)
    ]
    summaries = [run["metrics"]["recordSummary"]["targetSummaries"][0]["entitySummaries"] for run in runs]
    assert [[item["id"] for item in items] for items in summaries] == [
        [f"segment:{GOLD}"],
        [f"segment:{READERS}"],
        [f"segment:{READERS}"],
    ]
    listed = {"property": f"metrics.recordSummary.targetSummaries[].entitySummaries[].id==segment:{GOLD}"}
    assert len(adobe.get("/runs", params=listed).json()["items"]) == 1


def test_t75_two_merge_policies_make_two_runs_in_a_slot(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    flow = activate(adobe, full(GOLD), full(SPENDERS), full(READERS))
    adobe.advance(2 * HOUR)
    runs = adobe.finished_runs(flow, 2)
    assert len({run["createdAt"] for run in runs}) == 1
    counts = [
        {item["id"]: item["outputRecordCount"] for item in target["entitySummaries"]}
        for run in runs
        for target in run["metrics"]["recordSummary"]["targetSummaries"]
    ]
    expected = [{f"segment:{GOLD}": 3, f"segment:{READERS}": 2}, {f"segment:{SPENDERS}": 3}]
    assert sorted(counts, key=len, reverse=True) == expected
    assert len(files(s3)) == 3


def test_an_export_follows_the_evaluation(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    after = schedule(triggerType="AFTER_SEGMENT_EVAL", startTime=None)
    flow = activate(adobe, full(times=after))
    assert adobe.get("/runs").json()["items"] == []
    adobe.post("/_emulator/profiles", {"identity": {"CRMID": "C-4"}, "set": {"loyalty.tier": "gold"}})
    assert adobe.post("/_emulator/segmentation").status_code == 201
    (run,) = adobe.finished_runs(flow)
    assert output(run) == 4
    adobe.post("/_emulator/segmentation")
    adobe.advance(DAY)
    runs = adobe.finished_runs(flow, 2)
    assert [run["createdAt"] for run in runs[1:]] == [epoch_millis(START) + (DAY + 1) * 1000]


def test_records_without_a_mandatory_attribute_are_skipped(adobe: Adobe, s3: Any) -> None:
    nameless = profile(9, person={"name": {"lastName": "Last"}})
    write_profiles(adobe.lake, [profile(1), nameless])
    flow = activate(adobe, full(), paths=[MAIL, "person.name.firstName"])
    patch(adobe, flow, add("/transformations/0/params/profileSelectors/mandatoryFields", ["person.name.firstName"]))
    adobe.advance(2 * HOUR)
    (run,) = adobe.finished_runs(flow)
    records = run["metrics"]["recordSummary"]
    assert (records["inputRecordCount"], records["outputRecordCount"], records["skippedRecordCount"]) == (2, 1, 1)
    (info,) = records["skippedInfo"]
    assert (info["code"], info["count"]) == ("ACTIVATION_BATCH-0000-SKIP", 1)
    assert records["sourceSummaries"][0]["entitySummaries"][0]["skippedRecordCount"] == 1


@pytest.mark.parametrize(
    "key",
    [
        None,
        [{"fieldType": "ATTRIBUTE", "attributePath": MAIL}],
        [{"fieldType": "IDENTITY", "identityNamespace": "Email"}],
    ],
)
def test_duplicates_are_exported_unless_there_is_a_key(adobe: Adobe, s3: Any, key: object) -> None:
    twin = {**profile(1), "identityMap": {"Email": [{"id": "p1@example.com"}], "CRMID": [{"id": "C-99"}]}}
    write_profiles(adobe.lake, [profile(1), profile(2), twin])
    flow = activate(adobe, full())
    if key is not None:
        patch(adobe, flow, add("/transformations/0/params/profileSelectors/primaryFields", key))
    adobe.advance(2 * HOUR)
    (run,) = adobe.finished_runs(flow)
    assert mails(s3, files(s3)[0]) == (["p1", "p2", "p1"] if key is None else ["p1", "p2"])
    records = run["metrics"]["recordSummary"]
    assert records["inputRecordCount"] == records["outputRecordCount"] + records["skippedRecordCount"]


COLUMNS = {
    "mail": MAIL,
    "personName": "person.name.firstName",
    "membership_status": "segmentMembership.ups.seg_id.status",
}


def test_the_current_generation_exports_what_is_mapped(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, changes=MOVES)
    flow = activate_current(adobe, selector(), columns=COLUMNS, path="audiences/%SEGMENT_NAME%")
    patch(adobe, flow, add("/transformations/0/params/mandatoryFields", ["personName"]))
    adobe.advance(26 * HOUR)
    adobe.finished_runs(flow, 2)
    first, second = files(s3)
    assert first == f"audiences/Loyalty-Gold/Amazon-S3_{GOLD}_20270101_010001.csv"
    assert rows(s3, first)[0] == {"mail": "p1@example.com", "personName": "First1", "membership_status": "realized"}
    assert {row["membership_status"] for row in rows(s3, second)} == {"exited", "realized"}


def test_attributes_selected_where_a_mapping_is_needed_export_nothing(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    skeleton = current_skeleton()
    skeleton[0]["params"]["profileSelectors"] = {"selectors": [attribute(MAIL)]}
    flow = current_flow(adobe, skeleton)
    assert patch(adobe, flow, add(f"{SELECTORS}/-", full())).status_code == 200
    adobe.advance(2 * HOUR)
    (run,) = adobe.finished_runs(flow)
    assert run["metrics"]["statusSummary"]["status"] == "success"
    assert output(run) == 0
    assert files(s3) == []


def test_the_first_export_with_a_mapping_is_the_full_one(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake)
    flow = current_flow(adobe)
    patch(adobe, flow, add(f"{SELECTORS}/-", selector()))
    adobe.advance(2 * HOUR)
    adobe.finished_runs(flow)
    mapping = mapping_set(adobe, {"mail": MAIL})
    patch(adobe, flow, add("/transformations/0/params/profileMapping", mapping))
    adobe.advance(DAY)
    assert [output(run) for run in adobe.finished_runs(flow, 2)] == [0, 3]


def test_an_empty_audience_makes_a_run_and_no_file(adobe: Adobe, s3: Any) -> None:
    write_profiles(adobe.lake, [profile(4, "silver")])
    flow = activate_current(adobe, full(), columns={"mail": MAIL}, includeFileManifest=True)
    adobe.advance(2 * HOUR)
    (run,) = adobe.finished_runs(flow)
    assert output(run) == 0
    assert files(s3, "") == []


def test_t76_a_slot_before_the_audience_has_propagated_is_missed(start_adobe: Any, s3: Any) -> None:
    adobe = start_adobe(activation_lead=3600.0, segmentation_time=START.time())
    write_profiles(adobe.lake)
    once = schedule("ONCE", triggerType="SCHEDULED", endDate=None)
    activate(adobe, full(times=once))
    adobe.advance(48 * HOUR)
    assert adobe.get("/runs").json()["items"] == []


def test_a_young_audience_waits_where_the_setting_says_so(start_adobe: Any, s3: Any) -> None:
    adobe = start_adobe(audience_matures_after=24 * 3600.0)
    young = f"audiences: [{{id: {GOLD}, name: n, where: {{loyalty.tier: gold}}, created: 2026-12-31T12:00:00Z}}]"
    write_profiles(adobe.lake, audiences=young)
    flow = activate(adobe, full())
    adobe.advance(26 * HOUR)
    assert [run["createdAt"] for run in adobe.finished_runs(flow)] == [epoch_millis(START) + (25 * HOUR + 1) * 1000]


def test_a_lake_in_disorder_does_not_stop_other_flows(adobe: Adobe, s3: Any, caplog: Any) -> None:
    write_profiles(adobe.lake)
    flow, datasets = activate(adobe, full()), adobe.flow()
    write_profiles(adobe.lake, audiences="{")
    adobe.advance(2 * HOUR)
    adobe.finished_runs(datasets)
    assert [run["flowId"] for run in adobe.get("/runs").json()["items"]] == [datasets]
    assert f"flow {flow} is not run" in caplog.text
