from __future__ import annotations

import json
from pathlib import Path

import pytest

from aep_delivery.cli import connection
from tests.faults.harness import CONFIG
from tests.unit.workflow.conftest import CONFIG as YAML

TEXT = YAML.decode()
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


def test_what_is_found_ends_with_the_way_to_its_explanation(offline, config_file):
    way = "Explained: aep-delivery explain CODE"
    assert offline("validate", BAD / "version-unknown.yaml", config_file()).stdout.splitlines()[-1] == way
    assert way not in offline("validate", config_file()).stdout
    assert way not in offline("validate", BAD / "version-unknown.yaml", "--json").stdout


def test_sarif_links_to_the_documentation_that_is_named(offline, monkeypatch):
    def links(*options):
        (run,) = json.loads(offline("validate", BAD / "version-unknown.yaml", "--format", "sarif", *options).stdout)[
            "runs"
        ]
        return [rule.get("helpUri") for rule in run["tool"]["driver"]["rules"]]

    section = "reference/errors/config.html#configversion"
    assert links() == [None]
    assert links("--docs", "https://docs.example.com") == [f"https://docs.example.com/{section}"]
    monkeypatch.setenv("AEP_DELIVERY_DOCS", "https://docs.example.com/aep/")
    assert links() == [f"https://docs.example.com/aep/{section}"]


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


@pytest.mark.parametrize(
    ("inside", "field", "mark"),
    [
        ("{日本: 1, bogus: 2}", "bogus", "                 ^^^^^"),
        ("{bogus: 1, 日本: 2}", "日本", "                  ^^^^"),
        ("{e\u0301: 1, bogus: 2}", "bogus", "              ^^^^^"),
        ("{\tbogus: 2}", "bogus", "       ^^^^^"),
    ],
)
def test_the_caret_stands_under_the_mistake_in_a_terminal(offline, tmp_path, inside, field, mark):
    path = tmp_path / "crm.yaml"
    path.write_text(f"{TEXT}run: {inside}\n")
    lines = offline("validate", path).stdout.splitlines()
    (head,) = [number for number, line in enumerate(lines) if f"run.{field}:" in line]
    assert lines[head + 2].partition("| ")[2] == mark


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places_do_not_depend_on_line_ends_and_byte_order_marks(offline, tmp_path, ending, mark):
    path = tmp_path / "crm.yaml"
    text = TEXT.replace("version: 1", "versio: 1") + "run: {bogus: 1}\n"
    path.write_bytes((mark + text.replace("\n", ending)).encode())
    found = offline.json("validate", path)[1]["files"][0]["diagnostics"]
    assert [(one["line"], one["column"], one["path"]) for one in found] == [
        (1, 1, "versio"),
        (text.count("\n"), 7, "run.bogus"),
    ]


@pytest.mark.parametrize("indent", ["\t", None])
def test_json_may_be_one_line_or_indented_with_tabs(offline, tmp_path, indent):
    path = tmp_path / "crm.json"
    document = {**CONFIG, "description": "x" * 400, "bogus": 1}
    path.write_text(json.dumps(document, indent=indent))
    head, excerpt, caret, *_ = offline("validate", path).stdout.splitlines()
    assert "bogus: not a known field" in head
    assert len(excerpt) < 130
    start = caret.index("^")
    assert excerpt[start : start + caret.count("^")] == '"bogus"'


@pytest.mark.parametrize(("text", "name"), [("yaml", "<stdin>"), ("json", "<stdin>.json")])
def test_standard_input(offline, text, name):
    good = TEXT if text == "yaml" else json.dumps(CONFIG, indent="\t")
    assert offline("validate", "-", answer=good).exit_code == 0
    result = offline("validate", "-", answer=good.replace("prod", "P R O D"))
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{name}:")
    assert "[config." in result.stdout


def test_a_files_name_is_one_line_whatever_it_is(offline, tmp_path):
    path = tmp_path / "a\nb.yaml: valid, delivery prod\x1b[2J.yaml"
    path.write_text(TEXT)
    result = offline("validate", path)
    assert result.stdout.count("\n") == 1
    assert "a⟨U+000A⟩b.yaml: valid, delivery prod⟨U+001B⟩[2J.yaml: valid, delivery prod/nyc-flights" in result.stdout
