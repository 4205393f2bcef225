from __future__ import annotations

from aep_delivery.cli import connection
from aep_delivery.cli.explanations import explanation
from tests.unit.docs.pages import all_samples


def test_sections_are_printed_without_a_connection(offline, monkeypatch):
    monkeypatch.delattr(connection, "connect")
    result = offline("explain", "config.alias", "set.changed")
    assert (result.exit_code, result.stderr) == (0, "")
    first, second = ("\n".join(explanation(code).lines()) for code in ("config.alias", "set.changed"))
    assert result.stdout == f"{first}\n\n{second}\n"


def test_json_has_the_parts(offline):
    code, document = offline.json("explain", "config.alias")
    (found,) = document["codes"]
    assert code == 0
    assert found["page"] == "docs/reference/errors/config.md#configalias"
    assert found["meaning"] == explanation("config.alias").meaning


def test_an_unknown_code_is_a_mistake_in_the_command_line_and_nothing_is_printed(offline):
    result = offline("explain", "config.alias", "config.alas")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean config.alias?" in result.stderr
    assert offline.json("explain", "config.alas")[1]["code"] == "cli.code-unknown"
    assert offline("explain").exit_code == 2


def test_the_reference_shows_what_is_printed(offline):
    (sample,) = all_samples("explained")
    call, _, shown = sample.text.partition("\n")
    assert shown == offline(*call.split()[2:]).stdout
