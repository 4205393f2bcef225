from __future__ import annotations

from datetime import timedelta

import pytest

from aep_delivery.state.lock import Fence
from aep_delivery.state.records import Action, Done, Intent, Outcome, ResourceKind
from tests.faults.harness import START

HOUR = timedelta(hours=1)


@pytest.fixture
def remembered(offline):
    """A delivery that was half made, delivered once before, and is being worked on."""
    store = offline.services.store
    lock = store.acquire_lock("prod/planes", "planes-0123", HOUR)
    fence = Fence(delivery_id="prod/planes", owner=lock.owner, token=lock.token)
    kind = ResourceKind.BASE_CONNECTION
    store.write_done(fence, kind, Done(action=Action.CREATE, resource_id="old", fingerprint="f"))
    store.write_done(fence, kind, Done(action=Action.CREATE, resource_id="new", fingerprint="f"))
    store.write_intent(fence, ResourceKind.DATAFLOW, Intent(intent_id="i", action=Action.CREATE, fingerprint="f"))
    store.record_outcome(
        "prod/planes",
        Outcome(
            execution="planes-0122",
            verdict="VERIFIED",
            finished_at=START,
            receipt_uri="s3://papers/receipt.json",
            rows=1234,
            bytes=2048,
            files=2,
        ),
    )
    return offline


def test_no_deliveries(offline):
    assert "no deliveries yet" in offline("status").stdout
    assert offline.json("status") == (0, {"deliveries": []})


def test_all_deliveries_in_columns(remembered):
    store = remembered.services.store
    store.record_outcome("dev/a", Outcome(execution="a-1", verdict="FAILED", finished_at=START))
    header, dev, prod = remembered("status").stdout.splitlines()
    assert header.split("  ")[0] == "DELIVERY"
    assert dev.split() == ["dev/a", "FAILED", "2027-01-01", "00:30", "UTC", "-", "0", "of", "4", "-"]
    assert prod.split()[:2] == ["prod/planes", "VERIFIED"]
    assert prod.split()[-5:] == ["1,234", "1", "of", "4", "planes-0123"]
    _, document = remembered.json("status")
    assert [one["deliveryId"] for one in document["deliveries"]] == ["dev/a", "prod/planes"]


@pytest.mark.parametrize("by_file", [False, True])
def test_one_delivery(remembered, config_file, by_file):
    result = remembered("status", config_file() if by_file else "prod/planes")
    assert result.exit_code == 0
    for line in (
        "planes-0123 since 2027-01-01 00:30 UTC, until 2027-01-01 01:30 UTC at the latest",
        "VERIFIED  2027-01-01 00:30 UTC  1,234 rows, 2 files, ",
        "s3://papers/receipt.json",
        "base-connection    new  create 2027-01-01 00:30 UTC",
        "old is replaced and still to be removed",
        "dataflow           not made yet",
        "create sent 2027-01-01 00:30 UTC, its outcome is unknown",
    ):
        assert line in result.stdout


def test_one_delivery_as_json(remembered):
    code, document = remembered.json("status", "prod/planes")
    assert code == 0
    assert document["lock"] == {
        "execution": "planes-0123",
        "since": "2027-01-01T00:30:00Z",
        "until": "2027-01-01T01:30:00Z",
    }
    assert document["latest"]["receipt"] == "s3://papers/receipt.json"
    base, dataflow = document["resources"]
    assert (base["id"], base["superseded"]) == ("new", ["old"])
    assert (dataflow["id"], dataflow["pending"]["action"]) == (None, "create")


def test_an_unknown_delivery_is_guessed(remembered):
    code, document = remembered.json("status", "prod/plane")
    assert (code, document["code"]) == (1, "cli.delivery-unknown")
    assert document["hint"] == "Did you mean prod/planes?"


def test_names_cannot_act_on_the_terminal(remembered):
    outcome = Outcome(execution="x", verdict="\x1b[31mred", finished_at=START)
    remembered.services.store.record_outcome("prod/evil", outcome)
    assert "\x1b" not in remembered("status").output
    assert "\x1b" not in remembered("status", "prod/evil").output
