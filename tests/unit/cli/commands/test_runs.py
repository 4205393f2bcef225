from __future__ import annotations

from datetime import datetime

import pytest

from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Outcome
from tests.faults.harness import CONFIG, START, Execution
from tests.unit.cli.conftest import keep_receipt, receipt_of


@pytest.fixture
def delivered(cli, adobe, listed):
    """A delivery whose dataflow has run several times."""
    listed(cli.services)
    for name in ("first", "second"):
        Execution(cli.services, name, CONFIG).deliver(run=True)
        cli.services.clock.sleep(3600)
    runs = cli.services.flow_service("prod").runs(adobe.only("flows")["id"])
    cli.run_ids = [run.id for run in reversed(runs)]
    return cli


def test_runs_stand_newest_first_beside_what_their_receipts_say(delivered):
    first, *_, last = delivered.run_ids
    keep_receipt(delivered.services, receipt_of("one", run_ids=[first], verdict="INCOMPLETE"))
    keep_receipt(delivered.services, receipt_of("two", verdict="FAILED"))
    result = delivered("runs", "prod/planes")
    assert result.exit_code == 0
    header, newest, *_, oldest = result.stdout.splitlines()
    assert header.split() == ["RUN", "STATUS", "RECORDS", "FILES", "SIZE", "STARTED", "DURATION", "VERDICT"]
    assert (newest.split()[0], newest.split()[1], newest.split()[-1]) == (last, "SUCCESS", "-")
    assert (oldest.split()[0], oldest.split()[-1]) == (first, "INCOMPLETE")


def test_the_newest_receipt_counts(delivered):
    first, *_ = delivered.run_ids
    keep_receipt(delivered.services, receipt_of("z-older", run_ids=[first], verdict="INCOMPLETE"))
    keep_receipt(delivered.services, receipt_of("a-newer", run_ids=[first], verdict="VERIFIED"))
    code, document = delivered.json("runs", "prod/planes")
    assert code == 0
    assert document["runs"][-1]["judged"] == {
        "verdict": "VERIFIED",
        "execution": "a-newer",
        "receipt": "s3://work/deliveries/prod/planes/a-newer/receipt.json",
    }


def test_what_was_verified_anew_stands_before_what_the_delivery_said(delivered):
    first, *_, last = delivered.run_ids
    keep_receipt(delivered.services, receipt_of("older", run_ids=[first], verdict="NO_RUN"))
    keep_receipt(delivered.services, receipt_of("one", run_ids=[first], verdict="CORRUPT"))
    keep_receipt(delivered.services, receipt_of("two", run_ids=[last]))
    keep_receipt(delivered.services, receipt_of("verify-me-1", run_ids=[first], verdict="INCOMPLETE"))
    keep_receipt(delivered.services, receipt_of("verify-me-2", run_ids=[first]))
    keep_receipt(delivered.services, receipt_of("verify-me-3", run_ids=[last]))
    _, newest, *_, oldest = (line.rstrip() for line in delivered("runs", "prod/planes").stdout.splitlines())
    assert oldest.endswith("VERIFIED (was CORRUPT)")
    assert newest.endswith("VERIFIED (again)")
    runs = delivered.json("runs", "prod/planes")[1]["runs"]
    assert runs[-1]["judged"]["execution"] == "verify-me-2"
    assert [(one["execution"], one["verdict"]) for one in runs[-1]["earlier"]] == [
        ("verify-me-1", "INCOMPLETE"),
        ("one", "CORRUPT"),
    ]


def test_json_has_adobes_figures(delivered, adobe, config_file):
    code, document = delivered.json("runs", config_file(), "--limit", "1")
    assert (code, document["deliveryId"]) == (0, "prod/planes")
    assert document["dataflowId"] == adobe.only("flows")["id"]
    (run,) = document["runs"]
    assert run["id"] == delivered.run_ids[-1]
    # A scheduled run may have begun in the same millisecond, with nothing new to export.
    first = next(run for run in delivered.json("runs", config_file())[1]["runs"][::-1] if run["records"])
    assert (first["status"], first["records"], first["errors"], first["judged"]) == ("SUCCESS", 2, [], None)
    assert datetime.fromisoformat(first["startedAt"]) <= datetime.fromisoformat(first["completedAt"])


def test_a_dataflow_that_has_not_run(cli, listed, config_file):
    listed(cli.services)
    cli("apply", config_file(), "--yes")
    result = cli("runs", "prod/planes")
    assert (result.exit_code, "has not run yet" in result.stdout) == (0, True)
    assert cli.json("runs", "prod/planes")[1]["runs"] == []


def test_no_dataflow_and_no_delivery_are_two_errors(cli):
    cli.services.store = MemoryStateStore(cli.services.clock)
    cli.services.store.record_outcome("prod/planes", Outcome(execution="x", verdict="FAILED", finished_at=START))
    code, document = cli.json("runs", "prod/planes")
    assert (code, document["code"]) == (1, "cli.no-dataflow")
    code, document = cli.json("runs", "prod/plane")
    assert (code, document["code"], document["hint"]) == (1, "cli.delivery-unknown", "Did you mean prod/planes?")
