from __future__ import annotations

import os
import signal

import pytest

from aep_delivery.cli.commands import remove
from aep_delivery.cli.screen import Screen
from aep_delivery.workflow.services import LOCK_TTL
from tests.faults.harness import ONE_OF_EACH
from tests.unit.workflow.conftest import Announcements

NONE = dict.fromkeys(ONE_OF_EACH, 0)
DELIVERY = "prod/planes"


@pytest.fixture
def applied(cli, adobe, config_file):
    cli.services.publisher = Announcements()
    assert cli("apply", config_file(), "--yes").exit_code == 0
    adobe.forget_requests()
    return cli


def lock_is_free(cli) -> bool:
    lock = cli.services.store.acquire_lock(DELIVERY, "next", LOCK_TTL)
    cli.services.store.release_lock(DELIVERY, "next")
    return lock.owner == "next"


def test_everything_is_gone_and_told(applied, adobe):
    ids = [adobe.only(kind)["id"] for kind in ("flows", "targetConnections", "sourceConnections", "connections")]
    code, document = applied.json("remove", DELIVERY, "--yes")
    assert code == 0
    assert adobe.counts() == NONE
    assert [resource["id"] for resource in document["resources"]] == ids
    assert document["deliveryId"] == DELIVERY
    assert document["execution"].startswith("cli-")
    assert document["record"].endswith(f"deliveries/{DELIVERY}/{document['execution']}/removal.json")
    assert [event.detail_type for event in applied.services.publisher.events] == ["Delivery Removed"]
    assert lock_is_free(applied)


def test_people_read_what_goes_and_what_stays(applied, adobe):
    flow = adobe.only("flows")["id"]
    result = applied("remove", DELIVERY, "--yes")
    assert f"  - dataflow          planes ({flow})" in result.stdout.splitlines()
    assert "4 resources are gone from Adobe with prod/planes; exported files stay." in result.stdout


def test_without_a_terminal_it_wants_a_yes(applied, adobe):
    result = applied("remove", DELIVERY, answer="y\n")
    assert result.exit_code == 1
    assert "[cli.not-confirmed]" in result.stderr
    assert adobe.writes() == []


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks(applied, adobe, monkeypatch, answer, left):
    monkeypatch.setattr(Screen, "asks", True)
    result = applied("remove", DELIVERY, answer=answer)
    assert "Remove all of this from Adobe?" in result.stdout
    assert result.exit_code == left
    assert len(adobe.entities("flows")) == left


def test_again_there_is_nothing_to_do(applied, adobe):
    applied("remove", DELIVERY, "--yes")
    adobe.forget_requests()
    code, document = applied.json("remove", DELIVERY)
    assert code == 0
    nothing = dict.fromkeys(("execution", "record", "deletedFiles", "leftFiles"))
    assert document == {"deliveryId": DELIVERY, "resources": [], **nothing}
    assert adobe.writes() == []
    assert "Nothing of prod/planes is left in Adobe." in applied("remove", DELIVERY).stdout


def test_what_is_gone_already_is_no_obstacle(applied, adobe):
    adobe.delete("flows", adobe.only("flows")["id"])
    result = applied("remove", DELIVERY, "--yes")
    assert result.exit_code == 0
    assert "(gone from Adobe already)" in result.stdout
    assert adobe.counts() == NONE


@pytest.mark.parametrize("unknown", ["prod/plane", "planes", ""])
def test_an_unknown_delivery_is_refused(applied, adobe, unknown):
    code, document = applied.json("remove", unknown, "--yes")
    assert (code, document["code"]) == (1, "cli.delivery-unknown")
    assert adobe.writes() == []
    if unknown:
        assert document["hint"] == "Did you mean prod/planes?"


def test_what_somebody_made_their_own_stops_it_before_anybody_is_asked(applied, adobe):
    flow = adobe.only("flows")["id"]
    adobe.edit("flows", flow, {"op": "replace", "path": "/description", "value": "mine now"})
    adobe.forget_requests()
    code, document = applied.json("remove", DELIVERY)
    assert (code, document["code"], document["place"]) == (1, "ownership.marker-removed", flow)
    assert adobe.writes() == []


def test_a_delivery_at_work_elsewhere_is_left_alone_at_once(applied, adobe):
    applied.services.store.acquire_lock(DELIVERY, "deliver-1", LOCK_TTL)
    before = applied.services.clock.now()
    code, document = applied.json("remove", DELIVERY, "--yes")
    assert (code, document["code"]) == (1, "state.delivery-locked")
    assert "deliver-1" in document["message"]
    assert adobe.writes() == []
    assert applied.services.clock.now() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_gives_the_lock_back(applied, adobe, monkeypatch, number):
    def interrupted(delivery_id, execution, services):
        services.store.acquire_lock(delivery_id, execution, LOCK_TTL)
        os.kill(os.getpid(), number)
        raise AssertionError("the signal came to nothing")

    monkeypatch.setattr(remove, "remove_delivery", interrupted)
    code, document = applied.json("remove", DELIVERY, "--yes")
    assert (code, document["code"]) == (130, "cli.interrupted")
    assert lock_is_free(applied)
