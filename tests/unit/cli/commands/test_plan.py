from __future__ import annotations

from aep_delivery.planning.plan import Plan


def test_a_plan_with_changes_is_exit_code_2_and_writes_nothing(cli, adobe, config_file):
    result = cli("plan", config_file())
    assert result.exit_code == 2
    assert "+ create  dataflow" in result.stdout
    assert adobe.writes() == []
    assert cli.services.documents.kept == {}
    assert list(cli.services.store.deliveries()) == []


def test_nothing_to_change_is_exit_code_0(cli, config_file):
    path = config_file()
    assert cli("apply", path, "--yes").exit_code == 0
    result = cli("plan", path)
    assert result.exit_code == 0
    assert "No changes" in result.stdout


def test_json_is_the_plan_itself_and_so_is_the_file(cli, config_file, tmp_path):
    out = tmp_path / "plan.json"
    code, document = cli.json("plan", config_file(), "--out", out)
    assert code == 2
    assert Plan.model_validate(document) == Plan.model_validate_json(out.read_text())
    assert Plan.model_validate(document).delivery_id == "prod/planes"


def test_a_mistake_in_the_config_is_exit_code_1(cli, config_file):
    result = cli("plan", config_file(datasets=[{"nam": "Planes"}]))
    assert result.exit_code == 1
    assert "[config.unknown-field]" in result.stderr
    assert "^^^" in result.stderr


def test_what_adobe_does_not_know_is_found_in_the_file(cli, config_file):
    path = config_file(datasets=[{"name": "Plains"}])
    code, document = cli.json("plan", path)
    assert (code, document["code"]) == (1, "dataset.not-exportable")
    assert document["place"].startswith(f"{path}:")


def test_a_plan_that_cannot_be_kept_is_an_error(cli, config_file):
    code, document = cli.json("plan", config_file(), "--out", "/nowhere/plan.json")
    assert (code, document["code"]) == (1, "cli.file-unwritable")
