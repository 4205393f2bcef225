from __future__ import annotations

import os
import signal

import pytest

from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.lock import Fence
from aep_delivery.workflow import in_process
from aep_delivery.workflow.services import LOCK_TTL
from tests.faults.harness import ONE_OF_EACH

POST_FLOW = "POST /data/foundation/flowservice/flows"


def lock_is_free(cli) -> bool:
    lock = cli.services.store.acquire_lock("prod/planes", "next", LOCK_TTL)
    cli.services.store.release_lock("prod/planes", "next")
    return lock.owner == "next"


def test_it_makes_one_of_each_and_keeps_the_evidence(cli, adobe, config_file):
    code, document = cli.json("apply", config_file(), "--yes")
    assert code == 0
    assert adobe.counts() == ONE_OF_EACH
    assert [done["action"] for done in document["resources"]] == ["create"] * 4
    assert document["execution"].startswith("cli-")
    folder = f"deliveries/prod/planes/{document['execution']}"
    assert set(cli.services.documents.kept) == {f"{folder}/config.json", f"{folder}/plan.json"}
    assert lock_is_free(cli)


def test_nothing_to_do_takes_no_lock_and_asks_nobody(cli, adobe, config_file):
    cli("apply", config_file(), "--yes")
    adobe.forget_requests()
    result = cli("apply", config_file())
    assert result.exit_code == 0
    assert "No changes" in result.stdout
    assert adobe.writes() == []


def test_without_a_terminal_it_wants_a_yes(cli, adobe, config_file):
    result = cli("apply", config_file(), answer="y\n")
    assert result.exit_code == 1
    assert "[cli.not-confirmed]" in result.stderr
    assert adobe.writes() == []


@pytest.mark.parametrize(("answer", "made"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_on_a_terminal_it_asks(cli, adobe, config_file, monkeypatch, answer, made):  # noqa: PLR0917 - fixtures
    monkeypatch.setattr(Screen, "asks", True)
    result = cli("apply", config_file(), answer=answer)
    assert "Apply this plan?" in result.stdout
    assert result.exit_code == 1 - made
    assert len(adobe.entities("flows")) == made


def test_a_kept_plan_is_what_is_applied(cli, adobe, config_file, tmp_path):
    plan = tmp_path / "plan.json"
    _, planned = cli.json("plan", config_file(), "--out", plan)
    code, document = cli.json("apply", config_file(), "--plan", plan, "--yes")
    assert code == 0
    assert document["plan"] == planned
    assert adobe.counts() == ONE_OF_EACH


def test_a_stale_plan_is_refused(cli, adobe, config_file, tmp_path):
    plan = tmp_path / "plan.json"
    cli("apply", config_file(), "--yes")
    changed = config_file(scheduleParams={"interval": 6})
    assert cli("plan", changed, "--out", plan).exit_code == 2
    target = adobe.only("targetConnections")["id"]
    adobe.edit("targetConnections", target, {"op": "replace", "path": "/params/path", "value": "elsewhere"})
    code, document = cli.json("apply", changed, "--plan", plan, "--yes")
    assert (code, document["code"]) == (1, "plan.stale")
    assert adobe.only("targetConnections")["params"]["path"] == "elsewhere"
    assert adobe.only("flows")["scheduleParams"]["interval"] == 3
    assert lock_is_free(cli)


@pytest.mark.parametrize(
    ("text", "code"), [("{}", "cli.plan-invalid"), ("not json", "cli.plan-invalid"), (None, "cli.file-unreadable")]
)
def test_what_is_no_plan_is_refused(cli, adobe, config_file, tmp_path, text, code):  # noqa: PLR0917 - fixtures
    plan = tmp_path / "plan.json"
    if text is not None:
        plan.write_text(text)
    assert cli.json("apply", config_file(), "--plan", plan, "--yes")[1]["code"] == code
    assert adobe.writes() == []


def test_the_plan_of_another_delivery_is_refused(cli, adobe, config_file, tmp_path):
    plan = tmp_path / "plan.json"
    cli("plan", config_file(), "--out", plan)
    code, document = cli.json("apply", config_file("two.yaml", name="trains"), "--plan", plan, "--yes")
    assert (code, document["code"]) == (1, "cli.plan-foreign")
    assert adobe.writes() == []


def test_an_error_gives_the_lock_back_and_says_what_was_done(cli, adobe, config_file):
    adobe.plant(POST_FLOW, {"type": "respond", "status": 400, "body": {"message": "no"}}, times=9)
    result = cli("apply", config_file(), "--yes")
    assert result.exit_code == 1
    assert "3 of 4 resources are as planned" in result.stderr
    assert "done: create target-connection" in result.stderr
    assert lock_is_free(cli)
    adobe.control("DELETE", "faults")
    assert cli("apply", config_file(), "--yes").exit_code == 0
    assert adobe.counts() == ONE_OF_EACH


def test_a_lost_answer_is_repeated_as_the_workflow_would(cli, adobe, config_file):
    adobe.plant(POST_FLOW, {"type": "lose-answer"})
    assert cli("apply", config_file(), "--yes").exit_code == 0
    assert adobe.hits() == 1
    assert adobe.counts() == ONE_OF_EACH


def test_a_delivery_at_work_elsewhere_is_left_alone_at_once(cli, adobe, config_file):
    cli.services.store.acquire_lock("prod/planes", "deliver-1", LOCK_TTL)
    before = cli.services.clock.now()
    code, document = cli.json("apply", config_file(), "--yes")
    assert (code, document["code"]) == (1, "state.delivery-locked")
    assert "deliver-1" in document["message"]
    assert adobe.writes() == []
    assert cli.services.clock.now() == before
    fence = Fence(delivery_id="prod/planes", owner="deliver-1", token=1)
    assert cli.services.store.check_lock(fence).owner == "deliver-1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_gives_the_lock_back(cli, adobe, config_file, monkeypatch, number):
    def interrupted(message, services):
        os.kill(os.getpid(), number)
        raise AssertionError("the signal came to nothing")

    monkeypatch.setattr(in_process, "STEPS", (*in_process.STEPS[:2], interrupted))
    code, document = cli.json("apply", config_file(), "--yes")
    assert (code, document["code"]) == (130, "cli.interrupted")
    assert "2 of 4 resources are as planned" in document["details"]
    assert lock_is_free(cli)


def test_evidence_that_cannot_be_kept_stops_it_before_anything_changes(cli, adobe, config_file, monkeypatch):
    def refuse(*_):
        raise InternalError("AWS refused to write.", code="aws.refused")

    cli.services.documents.put = refuse
    code, document = cli.json("apply", config_file(), "--yes")
    assert (code, document["code"]) == (1, "aws.refused")
    assert "Your AWS identity" in document["hint"]
    assert adobe.writes() == []
    assert lock_is_free(cli)
