from __future__ import annotations

import json
from pathlib import Path

from aep_delivery.cli import connection

BAD = Path(__file__).parents[2] / "config" / "bad"


def test_a_valid_config_needs_no_connection(offline, config_file, monkeypatch):
    monkeypatch.delattr(connection, "connect")
    path = config_file()
    result = offline("validate", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: valid, delivery prod/planes\n")
    assert offline.json("validate", path) == (
        0,
        {
            "valid": True,
            "files": [
                {"file": str(path), "valid": True, "deliveryId": "prod/planes", "diagnostics": [], "error": None}
            ],
        },
    )


def test_all_mistakes_of_all_files_are_shown_as_a_compiler_does(offline, config_file):
    first, second = BAD / "many-at-once.yaml", BAD / "version-unknown.yaml"
    result = offline("validate", first, config_file(), second)
    assert result.exit_code == 1
    expected = first.with_suffix(".expected").read_text(), second.with_suffix(".expected").read_text()
    for line in "".join(expected).splitlines():
        assert line.replace("many-at-once.yaml", str(first)).replace("version-unknown.yaml", str(second)) in (
            result.stdout
        )
    code, document = offline.json("validate", first, second)
    assert (code, document["valid"]) == (1, False)
    codes = [found["code"] for file in document["files"] for found in file["diagnostics"]]
    assert len(codes) > 10
    assert codes[-1] == "config.version"


def test_a_file_that_is_not_there_hides_no_other(offline, config_file):
    code, document = offline.json("validate", "/nowhere.yaml", config_file())
    assert code == 1
    missing, there = document["files"]
    assert missing["error"]["code"] == "config.not-found"
    assert there["valid"]


def test_sarif_is_the_only_thing_on_standard_output(offline, config_file):
    result = offline("validate", BAD / "version-unknown.yaml", config_file(), "--format", "sarif")
    assert (result.exit_code, result.stderr) == (1, "")
    (run,) = json.loads(result.stdout)["runs"]
    assert [found["ruleId"] for found in run["results"]] == ["config.version"]
    assert offline("validate", config_file(), "--format", "sarif").exit_code == 0


def test_json_has_two_spellings(offline, config_file):
    path = config_file()
    assert offline("validate", path, "--format", "json").stdout == offline("validate", path, "--json").stdout
    assert offline("validate", path, "--format", "text").stdout == offline("validate", path).stdout


def test_one_format_at_a_time(offline, config_file):
    code, document = offline.json("validate", config_file(), "--format", "sarif")
    assert (code, document["code"]) == (1, "cli.usage")
