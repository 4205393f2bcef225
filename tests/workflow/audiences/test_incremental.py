"""A first full export, then who joined and who left, slot by slot."""

from __future__ import annotations

import pytest

from tests.workflow.audiences.conftest import AUDIENCE_IDS
from tests.workflow.audiences.stage import DAY, Stage, at, by_audience, codes
from tests.workflow.bench import ONE_OF_EACH

pytestmark = pytest.mark.workflow

STATUS = {"source": "segmentMembership.status", "column": "status"}


def test_joins_and_exits_are_in_the_second_file_and_counted(stage: Stage) -> None:
    config = stage.config()
    config["activation"]["attributes"].append(STATUS)
    slot = at(stage.adobe_time(), 12)
    stage.apply(config)

    full = stage.deliver_at(slot, config)

    assert (full.status, full.verdict) == ("SUCCEEDED", "VERIFIED"), full.receipt["reason"]
    assert full.event["detail"]["rows"] == full.receipt["verification"]["rows"] == 10
    (first,) = stage.files(config)
    assert f"/Loyalty-Gold_{slot:%Y%m%d_%H}000" in first
    assert {person["status"] for person in stage.people(first)} <= {"realized", "existing"}
    assert full.receipt["run"]["backfill"] is True

    stage.become(1, loyalty__tier="gold")
    stage.become(2, loyalty__tier="gold")
    stage.become(0, loyalty__tier="bronze")
    stage.control("POST", "segmentation")
    second = stage.deliver_at(slot + DAY, config)

    assert second.verdict == "VERIFIED", second.receipt["reason"]
    (file,) = stage.new_files(config, [first])
    people = {person["email"]: person for person in stage.people(file)}
    joined, left = {"person.1@example.com", "person.2@example.com"}, "person.0@example.com"
    assert set(people) == {*joined, left}
    assert people[left]["status"] == "exited"
    assert people[left]["tier"] == "bronze"
    assert {people[email]["status"] for email in joined} <= {"realized", "existing"}
    assert by_audience(second)["Loyalty Gold"]["rows"] == second.event["detail"]["rows"] == 3
    assert second.receipt["run"]["audienceRecords"] == {AUDIENCE_IDS["Loyalty Gold"]: 3}
    columns = [by_audience(each)["Loyalty Gold"]["columns"] for each in (full, second)]
    assert columns[0] == columns[1] != []
    assert codes(second) == set()
    assert {resource["action"] for resource in second.receipt["resources"]} == {"KEEP"}

    nothing = stage.deliver_at(slot + 2 * DAY, config)

    assert (nothing.status, nothing.verdict) == ("SUCCEEDED", "EMPTY")
    assert (nothing.event["detail"]["rows"], nothing.event["detail"]["files"]) == (0, 0)
    assert len(stage.files(config)) == 2
    assert stage.counts(config) == ONE_OF_EACH


def test_who_left_is_in_no_file_without_the_status_column(stage: Stage) -> None:
    config = stage.config(audiences=("Readers",), destination__includeFileManifest=True)
    slot = at(stage.adobe_time(), 12)
    stage.apply(config)
    assert stage.deliver_at(slot, config).event["detail"]["rows"] == 20
    known = stage.files(config)
    stage.become(4, consents__marketing__email__val="n")
    stage.become(5, consents__marketing__email__val="y")

    second = stage.deliver_at(slot + DAY, config)

    assert (second.verdict, second.event["detail"]["rows"]) == ("VERIFIED", 1), second.receipt
    (file,) = [key for key in stage.new_files(config, known) if key.endswith(".csv")]
    assert [person["email"] for person in stage.people(file)] == ["person.5@example.com"]
    assert "activation.exited-members-left-out" in stage.plan(config, code=0)
