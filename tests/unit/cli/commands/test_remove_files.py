from __future__ import annotations

import pytest

from aep_delivery.cli.commands import remove
from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import Applied
from aep_delivery.storage.memory import MemoryReader
from tests.faults.harness import ONE_OF_EACH
from tests.unit.workflow.conftest import Announcements

NONE = dict.fromkeys(ONE_OF_EACH, 0)
DELIVERY = "prod/planes"


@pytest.fixture
def storage(cli, monkeypatch):
    memory = MemoryReader()
    monkeypatch.setattr(cli.services, "reader", lambda config: memory)
    monkeypatch.setattr(cli.services, "cleaner", lambda config: memory)
    return memory


@pytest.fixture
def applied(cli, adobe, config_file, storage):
    cli.services.publisher = Announcements()
    assert cli("apply", config_file(), "--yes").exit_code == 0
    adobe.forget_requests()
    return cli


@pytest.fixture
def folder(applied, adobe):
    [dataset] = adobe.only("sourceConnections")["params"]["datasets"]
    return f"exports/planes/{dataset['dataSetId']}/exportTime=202701010000"


@pytest.fixture
def files(storage, folder):
    for name in ("part-0.parquet", "_SUCCESS", "notes.txt"):
        storage.put(f"{folder}/{name}", b"data")
    storage.put("exports/planes/part-0.parquet", b"not in a folder of a run")
    return storage


def keys(storage):
    return [stored.key for stored in storage.list_objects("")]


def test_its_files_go_and_others_stay(applied, adobe, files, folder):
    code, document = applied.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["deletedFiles"], document["leftFiles"]) == (0, 2, 1)
    assert adobe.counts() == NONE
    assert keys(files) == [f"{folder}/notes.txt", "exports/planes/part-0.parquet"]


def test_without_being_asked_all_files_stay(applied, files):
    before = keys(files)
    code, document = applied.json("remove", DELIVERY, "--yes")
    assert (code, document["deletedFiles"], document["leftFiles"]) == (0, None, None)
    assert keys(files) == before


def test_it_shows_the_files_and_asks_once_for_both(applied, files, folder, monkeypatch):
    monkeypatch.setattr(Screen, "asks", True)
    result = applied("remove", DELIVERY, "--delete-files", answer="y\n")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "  - 2 files, 8 bytes, in" in lines
    assert any(line.startswith(f"      s3://delivered/{folder.rpartition('=')[0]}=<year>") for line in lines)
    assert result.stdout.count("Remove all of this from Adobe, and delete the files?") == 1
    assert "stay where they are" not in result.stdout
    assert "2 files are deleted, 1 others are left." in lines
    assert len(keys(files)) == 2


def test_a_no_keeps_both(applied, adobe, files, monkeypatch):
    monkeypatch.setattr(Screen, "asks", True)
    assert applied("remove", DELIVERY, "--delete-files", answer="n\n").exit_code == 1
    assert adobe.writes() == []
    assert len(keys(files)) == 4


def test_files_go_after_the_dataflow(applied, adobe, files, monkeypatch):
    def delete_objects(gone):
        assert adobe.counts() == NONE
        return len(list(gone))

    monkeypatch.setattr(files, "delete_objects", delete_objects)
    assert applied("remove", DELIVERY, "--delete-files", "--yes").exit_code == 0


def test_a_removal_that_fails_deletes_no_file(applied, files, monkeypatch):
    def fails(*_):
        raise UserError("In use.", code="remove.in-use")

    monkeypatch.setattr(remove, "remove_delivery", fails)
    before = keys(files)
    assert applied("remove", DELIVERY, "--delete-files", "--yes").exit_code == 1
    assert keys(files) == before


def test_where_deleting_fails_it_says_where_the_files_are(applied, adobe, files, monkeypatch):
    def denied(gone):
        raise UserError("Denied.", code="storage.not-deleted")

    monkeypatch.setattr(files, "delete_objects", denied)
    code, document = applied.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["code"]) == (1, "storage.not-deleted")
    assert adobe.counts() == NONE
    assert document["details"][1].startswith("s3://delivered/exports/planes/")


def test_after_a_deletion_that_failed_removing_again_goes_on(applied, adobe, files, folder):
    def denied(gone):
        raise UserError("Denied.", code="storage.not-deleted")

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(files, "delete_objects", denied)
        assert applied("remove", DELIVERY, "--delete-files", "--yes").exit_code == 1
    adobe.forget_requests()
    code, document = applied.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["resources"], document["deletedFiles"]) == (0, [], 2)
    assert adobe.writes() == []
    assert keys(files) == [f"{folder}/notes.txt", "exports/planes/part-0.parquet"]
    # And that was that: nothing is known of its files any more.
    assert applied.json("remove", DELIVERY, "--delete-files", "--yes")[1]["code"] == "remove.files-unknown"


def test_nothing_is_removed_where_files_are_not_told_apart(cli, adobe, config_file, storage):
    changed = config_file(scheduleParams={"foldernameTemplate": "%EXPORT_TIME%"})
    assert cli("apply", changed, "--yes").exit_code == 0
    adobe.forget_requests()
    code, document = cli.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["code"]) == (1, "remove.files-not-told-apart")
    assert adobe.writes() == []


def test_nothing_is_removed_where_another_delivery_writes_there(applied, adobe, files, config_file):
    assert applied("apply", config_file("other.yaml", name="others"), "--yes").exit_code == 0
    adobe.forget_requests()
    code, document = applied.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["code"]) == (1, "remove.files-shared")
    assert "prod/others" in document["message"]
    assert adobe.writes() == []


@pytest.mark.parametrize("elsewhere", [{"path": "exports/others"}, {"bucketName": "another"}])
def test_another_delivery_elsewhere_is_no_obstacle(applied, files, config_file, elsewhere):
    assert applied("apply", config_file("other.yaml", name="others", destination=elsewhere), "--yes").exit_code == 0
    assert applied("remove", DELIVERY, "--delete-files", "--yes").exit_code == 0


def test_nothing_is_removed_where_it_is_not_known_what_was_applied(applied, adobe, monkeypatch):
    def nothing(delivery_id) -> Applied | None:
        return None

    monkeypatch.setattr(applied.services.store, "applied", nothing)
    code, document = applied.json("remove", DELIVERY, "--delete-files", "--yes")
    assert (code, document["code"]) == (1, "remove.files-unknown")
    assert adobe.writes() == []
