from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

from aep_delivery.cli.commands import verify
from aep_delivery.config.load import load_config
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunOutcome, RunStatus
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification import batches
from aep_delivery.verification.receipt.history import this_run
from aep_delivery.verification.receipt.models import Receipt, Resource
from aep_delivery.workflow.config_document import ConfigDocument, ConfigSource
from aep_delivery.workflow.documents import folder_of, write_document
from tests.faults.harness import config
from tests.unit.cli.conftest import keep_receipt, receipt_of
from tests.unit.workflow.conftest import Announcements

DELIVERY, DATASET = "prod/planes", "5ef3e324052581191aa6a466"
FOLDER = f"deliveries/{DELIVERY}"
ROW = b'{"id":1}\n'
RESOURCE = Resource(kind="dataflow", id="f", action="KEEP")


class Delivered:
    """An installation whose deliveries have delivered files of one row each, an hour apart."""

    def __init__(self, cli) -> None:
        self.cli, self.services, self.files = cli, cli.services, MemoryReader()
        self.services.publisher = Announcements()
        self._hours = 0

    def deliver(self, execution, run_id, *, files=3, verdict="VERIFIED"):
        """As the workflow leaves it: config, plan, outcome and, but for None, a receipt. Gives the keys of the files."""
        self._hours += 1
        slot = self.services.clock.now() + timedelta(hours=self._hours)
        parsed = load_config(
            json.dumps(config(destination={"datasetFileType": "JSON", "compression": "GZIP"})).encode(), "x.yaml"
        )
        source = ConfigSource(name="planes.yaml", key="deliveries/planes.yaml", version="v7")
        outcome = RunOutcome(
            status=RunStatus.SUCCESS,
            flow_id="f",
            slot=slot,
            run_ids=[run_id],
            completed_at=slot + timedelta(minutes=1),
            records=files,
            files=files,
        )
        plan = Plan(
            config_fingerprint=parsed.fingerprint,
            delivery_id=DELIVERY,
            owner="o",
            serial=0,
            datasets=[DatasetToExport(id=DATASET, name="Planes")],
            schedule={},
            resources=[],
            warnings=[],
        )
        document = ConfigDocument(source="planes.yaml", sources=(source,), positions={}, config=parsed.document())
        for name, kept in (("config", document), ("plan", plan), ("run", outcome)):
            write_document(self.services.documents, f"{folder_of(DELIVERY, execution)}/{name}.json", kept)
        if verdict:
            receipt = receipt_of(execution, run_ids=[run_id], verdict=verdict)
            keep_receipt(self.services, receipt.model_copy(update={"resources": [RESOURCE]}))
        keys = [f"exports/planes/{DATASET}/exportTime={slot:%Y%m%d%H%M}/part-{n:05}-c000.json.gz" for n in range(files)]
        for number, key in enumerate(keys):
            self.files.put(key, gzip.compress(ROW, mtime=number))
        return keys

    def kept(self):
        return set(self.services.documents.kept)


@pytest.fixture
def delivered(offline, listed, monkeypatch):
    listed(offline.services)
    made = Delivered(offline)
    monkeypatch.setattr(offline.services, "reader", lambda config: made.files)
    return made


def test_the_new_receipt_tells_of_the_same_earlier_runs_as_the_first(delivered):
    earlier = [this_run(receipt_of("planes-0", run_ids=["run-0"]))]
    delivered.deliver("planes-1", "run-1")
    first = receipt_of("planes-1", run_ids=["run-1"]).model_copy(update={"earlier": earlier})
    keep_receipt(delivered.services, first)
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY)
    assert (code, Receipt.from_json(json.dumps(document)).earlier) == (0, earlier)
    (page,) = (text for key, text in delivered.services.documents.kept.items() if "/verify-" in key and "html" in key)
    assert "Against earlier deliveries" in page


def test_the_last_run_is_verified_anew_and_gets_a_receipt_beside_the_first(delivered, config_file):
    delivered.deliver("planes-1", "run-1")
    delivered.deliver("planes-2", "run-2", files=4, verdict="CORRUPT")
    before = dict(delivered.services.documents.kept)
    result = delivered.cli("verify", config_file())
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("VERIFIED  prod/planes\n4 rows in 4 files are all there")
    assert "Run: run-2, awaited by planes-2" in result.stdout
    assert "Before: CORRUPT, and that receipt is kept." in result.stdout
    new = delivered.kept() - before.keys()
    (folder,) = {key.rpartition("/")[0] for key in new}
    assert folder.startswith(f"{FOLDER}/verify-")
    assert {key.rpartition("/")[2] for key in new} == {"report.json", "receipt.json", "receipt.html"}
    assert f"s3://papers/{folder}/receipt.html" in result.stdout
    # All else is as it was: no event, no outcome, nothing that the next delivery is compared with.
    assert {key: delivered.services.documents.kept[key] for key in before} == before
    assert delivered.services.publisher.events == []
    assert delivered.services.store.latest_outcome(DELIVERY) is None


def test_a_run_by_its_id_by_the_deliverys_name(delivered):
    delivered.deliver("planes-1", "run-1", files=2)
    delivered.deliver("planes-2", "run-2")
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY, "--run", "run-1")
    receipt = Receipt.from_json(json.dumps(document))
    assert (code, receipt.verdict, receipt.run.run_ids) == (0, "VERIFIED", ["run-1"])
    assert receipt.verification.file_count == 2
    assert (receipt.request.trigger, receipt.request.key, receipt.request.version_id) == (
        "cli",
        "deliveries/planes.yaml",
        "v7",
    )
    assert receipt.resources == [RESOURCE]
    assert [step.step for step in receipt.timeline] == ["verify_delivery"]


def test_a_run_whose_delivery_failed_after_it_can_be_verified(delivered):
    delivered.deliver("planes-1", "run-1", verdict=None)
    result = delivered.cli("verify", "--delivery", DELIVERY)
    assert (result.exit_code, "Before:" in result.stdout) == (0, False)


@pytest.mark.parametrize(
    ("harm", "verdict"),
    [
        (lambda files, key: files.remove(key), "INCOMPLETE"),
        (lambda files, key: files.alter(key, gzip.compress(ROW)[:-4]), "CORRUPT"),
    ],
)
def test_files_that_are_not_as_they_were_are_exit_code_3(delivered, harm, verdict):
    keys = delivered.deliver("planes-1", "run-1")
    harm(delivered.files, keys[1])
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY)
    assert (code, document["verdict"]) == (3, verdict)
    # What was verified anew is no run to verify: the delivery is.
    harmless = delivered.cli("verify", "--delivery", DELIVERY)
    assert "awaited by planes-1" in harmless.stdout
    assert "Before: VERIFIED" in harmless.stdout


def test_many_files_are_checked_batch_after_batch(delivered, monkeypatch):
    monkeypatch.setattr(batches, "BATCH_FILES", 2)
    delivered.deliver("planes-1", "run-1", files=5)
    before = delivered.kept()
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY)
    assert (code, document["verification"]["rows"]) == (0, 5)
    assert len(delivered.kept() - before) == 3, "the batches stay in memory"


def test_what_nobody_is_to_blame_for_is_tried_again(delivered, monkeypatch):
    delivered.deliver("planes-1", "run-1")
    listing, failures = delivered.files.list_objects, [TransientError("Busy.", code="storage.busy")]

    def list_objects(prefix):
        if failures:
            raise failures.pop()
        return listing(prefix)

    monkeypatch.setattr(delivered.files, "list_objects", list_objects)
    result = delivered.cli("verify", "--delivery", DELIVERY)
    assert (result.exit_code, result.stderr) == (0, "Busy. Trying again in 2 s.\n")


@pytest.mark.parametrize("raised", [UserError("Denied.", code="storage.denied"), KeyboardInterrupt()])
def test_nothing_is_kept_of_what_does_not_come_to_its_end(delivered, monkeypatch, raised):
    delivered.deliver("planes-1", "run-1")
    before = delivered.kept()

    def fails(prefix):
        raise raised

    monkeypatch.setattr(delivered.files, "list_objects", fails)
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY)
    expected = (1, "storage.denied") if isinstance(raised, UserError) else (130, "cli.interrupted")
    assert (code, document["code"]) == expected
    assert delivered.kept() == before


@pytest.mark.parametrize(("run", "hint"), [("run-9", "The latest that were awaited: run-1."), (None, "")])
def test_a_run_that_was_not_awaited(delivered, run, hint):
    if run:
        delivered.deliver("planes-1", "run-1")
    code, document = delivered.cli.json("verify", "--delivery", DELIVERY, *(["--run", run] if run else []))
    assert (code, document["code"]) == (1, "cli.run-unknown")
    assert hint in document["hint"]


def test_any_other_target_is_checked_as_check_does(offline, tmp_path):
    (tmp_path / "part-0.json").write_bytes(ROW)
    (tmp_path / "part-1.json").write_bytes(ROW)
    assert offline.json("verify", tmp_path) == offline.json("check", tmp_path)
    assert offline.json("verify", tmp_path / "part-0.json")[1]["rows"] == 1
    code, document = offline.json("verify", tmp_path, "--records", "3", "--level", "content")
    assert (code, document["verdict"]) == (3, "INVALID")


def test_it_takes_every_option_of_check(offline):
    theirs, ours = offline("check", "--help").stdout, offline("verify", "--help").stdout
    options = {word for word in theirs.split() if word.startswith("--")}
    assert options >= {"--type", "--ssh-key", "--records"}
    assert all(option in ours for option in options)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ("cli.usage", "--delivery")),
        (["{config}", "{folder}"], ("cli.usage", "one after the other")),
        (["{config}", "{config}"], ("cli.usage", "one after the other")),
        (["--delivery", DELIVERY, "{folder}"], ("cli.usage", "one after the other")),
        (["{folder}", "--run", "r"], ("cli.usage", "--delivery SANDBOX/NAME")),
        (["{config}", "--records", "3"], ("cli.usage", "name the files themselves")),
        (["{folder}/none"], ("cli.path-not-found", "spelled")),
        ([DELIVERY], ("cli.path-not-found", f"--delivery {DELIVERY}")),
    ],
)
def test_what_does_not_go_together_is_exit_code_2(offline, config_file, tmp_path, arguments, expected):
    places = {"config": config_file(), "folder": tmp_path}
    status, document = offline.json("verify", *(argument.format(**places) for argument in arguments))
    code, hint = expected
    assert (status, document["code"]) == (2, code)
    assert hint in document["hint"]


def test_a_config_with_mistakes_shows_them(offline, config_file):
    result = offline("verify", config_file(name="Not A Name"))
    assert result.exit_code == 1
    assert "[config." in result.stderr


def test_what_only_files_need_is_named_as_it_is_typed():
    assert "--ssh-key" in [verify._spelling(option) for option in verify._OPTIONS]
