from __future__ import annotations

import json
import webbrowser

import pytest

from aep_delivery.verification.receipt.models import Receipt
from tests.unit.cli.conftest import keep_receipt, receipt_of


@pytest.fixture
def kept(offline, listed):
    """A delivery with two receipts; by name the later one comes first."""
    listed(offline.services)
    keep_receipt(offline.services, receipt_of("b-earlier", verdict="CORRUPT"))
    keep_receipt(offline.services, receipt_of("a-later"))
    return offline


def test_the_latest_as_text(kept, config_file):
    result = kept("receipt", "prod/planes")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "VERIFIED  prod/planes"
    assert lines[-1] == "Receipt: s3://papers/deliveries/prod/planes/a-later/receipt.html"
    assert kept("receipt", config_file()).stdout == result.stdout


@pytest.mark.parametrize("prefix", ["", "arn:aws:states:us-east-1:123456789012:execution:deliver:"])
def test_that_of_an_execution_whatever_its_verdict(kept, prefix):
    result = kept("receipt", "prod/planes", "--execution", f"{prefix}b-earlier")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "CORRUPT  prod/planes")


def test_json_is_the_receipt(kept):
    code, document = kept.json("receipt", "prod/planes")
    assert (code, Receipt.from_json(json.dumps(document))) == (0, receipt_of("a-later"))


def test_the_page_is_the_one_that_was_kept(kept, tmp_path):
    page = kept.services.documents.kept["deliveries/prod/planes/a-later/receipt.html"]
    assert kept("receipt", "prod/planes", "--html").stdout == page
    file = tmp_path / "receipt.HTML"
    result = kept("receipt", "prod/planes", "--output", file)
    assert (result.exit_code, result.stdout) == (0, f"Written: {file}\n")
    assert file.read_text() == page


def test_text_and_json_into_a_file(kept, tmp_path):
    file = tmp_path / "receipt.txt"
    assert kept("receipt", "prod/planes", "-o", file).exit_code == 0
    assert file.read_text().startswith("VERIFIED  prod/planes\n")
    assert kept.json("receipt", "prod/planes", "-o", tmp_path / "a.json") == (0, {"written": str(tmp_path / "a.json")})
    assert Receipt.from_json((tmp_path / "a.json").read_text()) == receipt_of("a-later")
    code, document = kept.json("receipt", "prod/planes", "-o", tmp_path / "none" / "a.json")
    assert (code, document["code"]) == (1, "cli.file-unwritable")


@pytest.mark.parametrize("there", [True, False])
def test_the_browser_gets_a_file(kept, tmp_path, monkeypatch, there):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: opened.append(uri) or there)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = kept("receipt", "prod/planes", "--open")
    (file,) = tmp_path.glob("receipt-*.html")
    assert (result.exit_code, opened) == (0, [file.as_uri()])
    assert file.read_text().startswith("<!doctype html>")
    assert ("no browser" in result.stderr) is not there


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (["prod/plane"], "cli.receipt-unknown", "aep-delivery status prod/plane"),
        (["prod/planes", "-e", "nope"], "cli.receipt-unknown", "The latest: a-later, b-earlier."),
        (["prod/plane", "-e", "nope"], "cli.receipt-unknown", "none of this delivery"),
        (["prod/planes", "--html"], "cli.usage", "Leave one out"),
    ],
)
def test_what_cannot_be_shown(kept, arguments, code, hint):
    status, document = kept.json("receipt", *arguments)
    assert (status, document["code"]) == (1, code)
    assert hint in document["hint"]


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_receipt_that_is_none(kept, text):
    kept.services.documents.put("deliveries/prod/planes/a-later/receipt.json", text)
    code, document = kept.json("receipt", "prod/planes")
    assert (code, document["code"]) == (1, "work.document-invalid")


def test_names_cannot_act_on_the_terminal(kept):
    receipt = receipt_of("c-last").model_copy(update={"reason": "\x1b[31mred"})
    keep_receipt(kept.services, receipt)
    assert "\x1b" not in kept("receipt", "prod/planes").output
