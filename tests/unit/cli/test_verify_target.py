from __future__ import annotations

import json

import pytest

from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.verify_target import is_config, refuse_name
from tests.faults.harness import CONFIG


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", "anything: at all", True),
        ("a.YML", "", True),
        ("a.json", json.dumps(CONFIG), True),
        ("a.json", json.dumps({"extends": "base.yaml"}), True),
        ("a.json", '{"version": 1, "destination": "JFK"}', True),
        ("a.json", '{"id": 1}', False),
        ("a.json", '{"version": 1}', False),
        ("a.json", '{"id": 1}\n{"id": 2}', False),
        ("a.json", "[" * 100_000, False),
        ("a.json", f"[{json.dumps(CONFIG)}]", False),
        ("a.json", "\xff{", False),
        ("a.json", '{"version": 1, "destination": "' + "x" * 300_000 + '"}', False),
        ("a.json.gz", json.dumps(CONFIG), False),
        ("a.csv", "version,destination", False),
    ],
)
def test_a_config_is_told_from_data(tmp_path, name, text, expected):
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert is_config(str(tmp_path / name)) is expected


@pytest.mark.parametrize("target", ["s3://lake/config.yaml", "none.yaml", "."])
def test_only_a_file_here_is_a_config(target):
    assert not is_config(target)


@pytest.mark.parametrize("missing", ["version", "destination"])
def test_what_may_be_both_is_refused(tmp_path, missing):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({name: value for name, value in CONFIG.items() if name != missing}))
    with pytest.raises(MisuseError) as caught:
        is_config(str(path))
    assert caught.value.code == "cli.target-ambiguous"
    assert missing in caught.value.message
    assert "--delivery" in caught.value.hint
    assert "check" in caught.value.hint


def test_a_name_is_refused_unless_there_is_a_path_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MisuseError) as caught:
        refuse_name("prod/planes")
    assert caught.value.hint.endswith("--delivery prod/planes")
    (tmp_path / "prod" / "planes").mkdir(parents=True)
    for other in ("prod/planes", "prod/planes/", "./prod", "s3://prod/planes", "exports/part-0.json"):
        refuse_name(other)
