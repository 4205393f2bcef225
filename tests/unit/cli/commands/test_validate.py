from __future__ import annotations

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
