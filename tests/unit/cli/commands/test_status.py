from __future__ import annotations

import webbrowser
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

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


@pytest.fixture
def drawn(offline, monkeypatch):
    """An installation whose status page was drawn, and somebody's credentials."""
    offline.services.documents.put("status/index.html", "<!doctype html>€", "text/html")
    for name, value in (("ACCESS_KEY_ID", "AKIAEXAMPLE"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "eu-west-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    return offline


def test_the_page_is_a_link_that_works_for_ten_minutes(drawn):
    result = drawn("status", "--page")
    assert (result.exit_code, result.stderr) == (0, "")
    address = urlsplit(result.stdout.strip())
    assert "papers" in address.netloc
    assert address.path == "/status/index.html"
    query = parse_qs(address.query)
    assert (query["X-Amz-Expires"], query["X-Amz-Algorithm"]) == (["600"], ["AWS4-HMAC-SHA256"])
    code, document = drawn.json("status", "--page")
    assert (code, document["seconds"]) == (0, 600)
    assert urlsplit(document["page"]).path == "/status/index.html"


def test_the_page_is_saved(drawn, tmp_path):
    file = tmp_path / "status.html"
    result = drawn("status", "--save", file)
    assert (result.exit_code, result.stdout) == (0, f"Written: {file}\n")
    assert file.read_text("utf-8") == "<!doctype html>€"
    assert drawn.json("status", "--page", "--save", file) == (0, {"written": str(file)})
    code, document = drawn.json("status", "--save", tmp_path / "none" / "status.html")
    assert (code, document["code"]) == (1, "cli.file-unwritable")


@pytest.mark.parametrize("there", [True, False])
def test_the_page_is_opened(drawn, tmp_path, monkeypatch, there):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or there)
    file = tmp_path / "status.html"
    results = [drawn("status", "--open"), drawn("status", "--save", file, "--open")]
    assert [result.exit_code for result in results] == [0, 0]
    assert opened == [results[0].stdout.strip(), file.as_uri()]
    assert all(("no browser" in result.stderr) is not there for result in results)


def test_where_no_page_was_drawn_there_is_no_link(offline, tmp_path):
    code, document = offline.json("status", "--page")
    assert (code, document["code"], document["place"]) == (1, "cli.page-missing", "memory://status/index.html")
    assert offline("status", "--save", tmp_path / "a.html").exit_code == 1
    assert not (tmp_path / "a.html").exists()


def test_a_page_of_one_delivery_there_is_not(drawn):
    code, document = drawn.json("status", "prod/planes", "--page")
    assert (code, document["code"]) == (1, "cli.usage")
