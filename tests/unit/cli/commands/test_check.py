"""``aep-delivery check`` over what people may feed it."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from aep_delivery.cli.main import app
from tests.corpus.make_corpus import DAMAGED, SOUND

ROOT = Path(__file__).parents[4]
SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "check-report.schema.json").read_text()))
ROWS = b"".join(b'{"id": %d, "name": "row %d"}\n' % (row, row) for row in range(200))
CSV = b"id,name\n" + b"".join(b"%d,row %d\n" % (row, row) for row in range(200))
CANARY = "canary-of-a-row"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the command is called."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments):
    """Exit code and document. The document is as its schema says, and the text has the same verdict."""
    words = ["check", *map(str, arguments)]
    told = CliRunner().invoke(app, [*words, "--json"])
    text = CliRunner().invoke(app, words)
    assert told.exit_code == text.exit_code
    assert "Traceback" not in text.output
    assert told.stderr == ""
    document = json.loads(told.stdout)
    if told.exit_code != 2:
        SCHEMA.validate(document)
        assert set(document) == {"verdict", "rows", "files", "unchecksummed", "findings"}
        assert all(set(found) == {"code", "path", "where", "message"} for found in document["findings"])
        assert (document["verdict"] == "VALID") == (told.exit_code == 0) == (not document["findings"])
        assert f"\n{document['verdict']}  " in f"\n{text.stdout}"
    return told.exit_code, document


def codes(document):
    return sorted({found["code"] for found in document["findings"]})


def states(document):
    return {file["path"].rpartition("/")[2]: file["state"] for file in document["files"]}


def put(path, data=ROWS):
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def manifest(*entries, name="manifest-1-2.json", folder="out"):
    lines = [{"sinkPath": "exports", "name": name, "size": size} for name, size in entries]
    return put(f"{folder}/{name}", json.dumps({"flowRunId": "r", "exportResults": lines}, indent=1).encode())


# ---- single files


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.json", ROWS, ("JSON", "NONE")),
        ("a.NDJSON", ROWS, ("JSON", "NONE")),
        ("a.jsonl", ROWS, ("JSON", "NONE")),
        ("a.json.gz", gzip.compress(ROWS), ("JSON", "GZIP")),
        ("a.jsonl.gz", gzip.compress(ROWS), ("JSON", "GZIP")),
        ("a.csv", CSV, ("CSV", "NONE")),
        ("a.csv.gz", gzip.compress(CSV), ("CSV", "GZIP")),
        ("a.tsv", CSV.replace(b",", b"\t"), ("CSV", "NONE")),
        ("a", ROWS, ("JSON", "NONE")),
        ("part-00000", gzip.compress(ROWS), ("JSON", "GZIP")),
        ("a.gz", gzip.compress(CSV), ("CSV", "GZIP")),
        ("a.dat", gzip.compress(CSV), ("CSV", "GZIP")),
        ("with blanks & ünicode.json", ROWS, ("JSON", "NONE")),
        ("_a.json", ROWS, ("JSON", "NONE")),
    ],
)
def test_a_sound_file_is_what_its_name_or_its_first_bytes_say(name, data, kind):
    put(name, data)
    code, document = check(name)
    [file] = document["files"]
    assert (code, document["rows"], file["path"]) == (0, 200, name)
    assert (file["type"], file["compression"]) == kind
    assert (file["size"], file["state"], file["level"]) == (len(data), "whole", "content")
    assert len(file["sha256"]) == 64


def test_a_zip_of_csv(folder):
    for name in ("a.zip", "b.csv.zip", "c"):
        with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", CSV)
    code, document = check("a.zip", "b.csv.zip", "c")
    assert (code, document["rows"]) == (0, 600)
    assert {(file["type"], file["compression"]) for file in document["files"]} == {("CSV", "ZIP")}


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_sound_files_of_the_corpus_are_never_flagged(case):
    put(case.file_name, case.data)
    assert check(case.file_name, *_dialect(case))[0] == 0


@pytest.mark.parametrize("case", [case for case in DAMAGED if not case.columns], ids=lambda case: case.name)
def test_damaged_files_of_the_corpus_always_are(case):
    put(case.file_name, case.data)
    code, document = check(case.file_name, *_dialect(case))
    assert code == 3
    assert document["findings"][0]["path"] == case.file_name


def _dialect(case):
    told = case.dialect.model_dump()
    return [
        part
        for option in ("delimiter", "quote", "escape")
        if told[option] != {"delimiter": ",", "quote": '"', "escape": ""}[option]
        for part in (f"--{option}", told[option])
    ]


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet", "a.json.gz", "a.zip", "DONE"])
def test_a_file_without_bytes_that_is_named_is_damaged(name):
    put(name, b"")
    code, document = check(name)
    assert (code, codes(document)) == (3, ["file.empty"])


def test_what_is_given_goes_over_the_name():
    put("a.txt", CSV)
    assert check("a.txt", "--type", "CSV")[0] == 0
    assert check("a.txt", "--type", "json")[0] == 3
    put("b.json", gzip.compress(ROWS))
    assert check("b.json")[0] == 3
    assert check("b.json", "--compression", "gzip")[0] == 0


def test_an_option_for_another_delimiter():
    put("a.csv", CSV.replace(b",", b"|"))
    assert check("a.csv", "--delimiter", "|")[0] == 0
    put("b.csv", CSV.replace(b",", b"\t"))
    assert check("b.csv", "--delimiter", r"\t")[0] == 0
    code, document = check("b.csv", "--delimiter", "ab")
    assert (code, document["code"]) == (2, "cli.usage")


# ---- the command line


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.json", "--nope"],
        ["a.json", "--type", "XML"],
        ["a.json", "--level", "deep"],
        ["a.json", "--records", "x"],
    ],
)
def test_a_command_line_that_is_not_understood_is_exit_code_2(arguments):
    put("a.json")
    code, document = check(*arguments)
    assert (code, document["code"]) == (2, "cli.usage")


@pytest.mark.parametrize("path", ["nowhere", "nowhere.json", "a.json/b", "ftp://x/y", "a\0b"])
def test_a_path_that_is_not_there_is_exit_code_2(path):
    put("a.json")
    code, document = check("a.json", path)
    assert code == 2
    assert document["code"] in {"cli.path-not-found", "cli.scheme-unknown"}
    assert document["hint"]


def test_a_manifest_that_is_not_there_is_exit_code_2():
    put("a.json")
    assert check("a.json", "--manifest", "no.json")[1]["code"] == "cli.path-not-found"
    assert check("a.json", "--manifest", ".")[1]["code"] == "cli.usage"


def test_a_file_of_no_known_type_is_exit_code_2_if_it_is_named():
    put("notes.txt", b"hello")
    assert check("notes.txt")[1]["code"] == "cli.type-unknown"
    put("a.json.zst", b"\x28\xb5\x2f\xfd")
    assert check("a.json.zst")[1]["code"] == "cli.type-unknown"


def test_a_pipe_is_no_file():
    os.mkfifo("pipe")
    assert check("pipe")[0] == 2
    put("out/a.json")
    os.mkfifo("out/pipe.json")
    assert check("out")[0] == 0


# ---- folders


def test_a_folder_of_many_kinds():
    put("out/a.json")
    put("out/deep/er/b.csv.gz", gzip.compress(CSV))
    put("out/with blank/c.jsonl")
    put("out/_date=2027-01-01/d.csv", CSV)
    for marker in ("_SUCCESS", "_committed_1", ".a.json.crc", "a.json.crc", "DONE", "x_$folder$"):
        put(f"out/{marker}", b"")
    put("out/_temporary/0/half.json", ROWS[:-9])
    put("out/README.md", b"# hello")
    put("out/notes.txt", b"hello")
    code, document = check("out")
    assert (code, document["rows"]) == (0, 800)
    assert [file["path"] for file in document["files"]] == [
        "out/_date=2027-01-01/d.csv",
        "out/a.json",
        "out/deep/er/b.csv.gz",
        "out/with blank/c.jsonl",
    ]


def test_one_damaged_file_among_sound_ones():
    for number in range(5):
        put(f"out/part-{number}.json.gz", gzip.compress(ROWS)[: -9 if number == 3 else None])
    code, document = check("out/")
    assert code == 3
    assert [file for file, state in states(document).items() if state != "whole"] == ["part-3.json.gz"]
    assert document["findings"][0]["code"] == "file.truncated"
    assert document["rows"] == 800


def test_an_empty_folder_is_not_whole_unless_nothing_is_expected(folder):
    (folder / "out").mkdir()
    code, document = check("out")
    assert (code, codes(document)) == (3, ["set.no-files"])
    put("out/_SUCCESS", b"")
    assert check("out")[0] == 3
    assert check("out", "--records", "0")[0] == 0
    assert check("out", "--records", "1")[0] == 3


def test_a_data_file_without_bytes_in_a_folder_is_damaged():
    put("out/a.json")
    put("out/b.json", b"")
    assert codes(check("out")[1]) == ["file.empty"]


def test_a_pattern_of_the_shell_names_markers_too():
    put("out/a.json")
    put("out/_SUCCESS", b"")
    put("out/README.md", b"x")
    listed = manifest(("a.json", len(ROWS)))
    assert check("out/a.json", "out/_SUCCESS", "out/README.md", listed)[0] == 0
    put("out/b.json")
    code, document = check(*sorted(Path("out").iterdir()))
    assert (code, codes(document)) == (3, ["manifest.unlisted-file"])


def test_a_path_given_twice_counts_once():
    put("out/a.json")
    Path("link").symlink_to("out")
    code, document = check("out", "out/a.json", "./out/../out", "link", "--records", "200")
    assert (code, len(document["files"])) == (0, 1)


def test_a_name_that_is_not_utf8(folder):
    (folder / "out").mkdir()
    path = os.fsencode(folder / "out") + b"/caf\xe9.json"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(ROWS)
    code, document = check("out")
    assert (code, document["files"][0]["path"]) == (0, r"out/caf\xe9.json")
    code, document = check(os.fsdecode(b"out/caf\xe9.json"))
    assert (code, document["files"][0]["path"]) == (0, r"out/caf\xe9.json")


def test_links_are_not_followed_and_those_that_lead_out_are_told():
    put("out/a.json")
    put("else/b.json")
    Path("out/again.json").symlink_to("a.json")
    assert check("out", "--records", "200")[0] == 0
    Path("out/b.json").symlink_to("../else/b.json")
    Path("out/gone.json").symlink_to("nowhere.json")
    Path("out/loop").symlink_to(".")
    code, document = check("out")
    assert (code, codes(document)) == (3, ["file.link-refused"])
    assert [found["path"] for found in document["findings"]] == ["out/b.json", "out/gone.json"]
    # The link itself was asked for.
    assert check("out/b.json")[0] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_finding():
    put("out/a.json").chmod(stat.S_IWUSR)
    put("out/b.json")
    code, document = check("out")
    assert (code, codes(document), states(document)["b.json"]) == (3, ["file.unreadable"], "whole")


# ---- the set


def test_records_are_compared():
    put("out/a.json")
    put("out/b.json", ROWS + b'{"id": 1}')
    assert check("out", "--records", "401")[0] == 0
    code, document = check("out", "--records", "400")
    assert (code, codes(document), document["rows"]) == (3, ["set.count-mismatch"], 401)
    assert check("out", "--records", "400", "--level", "listing")[1]["code"] == "cli.rows-uncounted"
    assert check("out", "--records", "400", "--level", "structure")[1]["code"] == "cli.rows-uncounted"


def test_a_manifest_is_held_against_the_files_both_ways():
    put("out/a.json")
    put("out/b.json", ROWS + b"{}")
    good = [("a.json", len(ROWS)), ("b.json", len(ROWS) + 2)]
    manifest(*good, folder="else")
    assert check("out", "--manifest", "else/manifest-1-2.json")[0] == 0
    manifest(*good, ("c.json", 9), folder="else")
    code, document = check("out", "--manifest", "else/manifest-1-2.json")
    assert (code, codes(document)) == (3, ["manifest.file-missing"])
    assert states(document) == {"a.json": "whole", "b.json": "whole", "c.json": "missing"}
    manifest(good[0], folder="else")
    code, document = check("out", "--manifest", "else/manifest-1-2.json")
    assert (codes(document), states(document)["b.json"]) == (["manifest.unlisted-file"], "unexpected")
    manifest(good[0], ("b.json", 1), folder="else")
    code, document = check("out", "--manifest", "else/manifest-1-2.json")
    assert (codes(document), states(document)["b.json"]) == (["manifest.size-mismatch"], "differs")
    put("else/manifest-1-2.json", b"[]")
    assert codes(check("out", "--manifest", "else/manifest-1-2.json")[1]) == ["manifest.invalid"]


def test_a_manifest_among_the_files_is_no_data_and_speaks_of_its_folder():
    put("out/a.json")
    put("b.json")
    manifest(("a.json", len(ROWS)))
    assert check(".")[0] == 0
    assert check("out", "--manifest", "out/manifest-1-2.json")[0] == 0
    manifest(("a.json", 1))
    assert codes(check(".")[1]) == ["manifest.size-mismatch"]
    put("out/manifest-1-2.json", b"{")
    assert codes(check(".")[1]) == ["manifest.invalid"]


def test_a_manifest_without_files_makes_an_empty_folder_whole():
    manifest()
    assert check("out")[0] == 0


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (["n.csv", "n_2.csv", "n_3.csv"], True),
        (["n.csv", "n_3.csv"], False),
        (["n_2.csv", "n_3.csv"], False),
        (["n_2.csv.gz"], False),
        (["n.csv", "n_2.csv", "n_4.csv"], False),
        (["n_1.csv", "n_3.csv"], True),
        (["n_2024.csv", "n_2026.csv"], True),
        (["n_02.csv"], True),
        (["n.csv", "m_3.csv"], True),
        (["a/n.csv", "b/n.csv"], True),
    ],
)
def test_gaps_in_the_numbers_of_parts(names, whole):
    for name in names:
        put(f"out/{name}", gzip.compress(CSV) if name.endswith(".gz") else CSV)
    code, document = check("out")
    assert (code, codes(document)) == ((0, []) if whole else (3, ["set.split-gap"]))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("part-00001-tid-1-c000.json", "part-00001-tid-2-c000.json"),
        ("a.json", "a (1).json"),
        ("a.json", "a-copy.json"),
        ("a.json", "a - Copy (2).json"),
    ],
)
def test_a_file_that_is_there_twice(first, second):
    put(f"out/{first}")
    put(f"out/{second}")
    code, document = check("out")
    assert (code, codes(document)) == (3, ["set.duplicate-file"])
    assert sorted(states(document).values()) == ["unexpected", "whole"]


def test_other_files_may_be_the_same_unless_there_are_too_many_rows():
    for name in ("a.json", "b.json", "a2.json", "x/part-0.json", "y/part-0.json", "part-0.json", "part-1.json"):
        put(f"out/{name}")
    code, document = check("out", "--records", "1400")
    assert code == 0
    assert {warning["code"] for file in document["files"] for warning in file["warnings"]} == {"set.duplicate-file"}
    assert codes(check("out", "--records", "1200")[1]) == ["set.count-mismatch", "set.duplicate-file"]


# ---- levels


def test_a_lower_level_proves_and_claims_less():
    big = gzip.compress(b"".join(os.urandom(50).hex().encode().join((b'{"a":"', b'"}\n')) for _ in range(5000)))
    broken = bytearray(big)
    broken[len(big) // 2] ^= 1
    put("a.json.gz", bytes(broken))
    assert check("a.json.gz")[0] == 3
    code, document = check("a.json.gz", "--level", "structure")
    [file] = document["files"]
    assert (code, file["level"], file["rows"], file["sha256"]) == (0, "structure", None, None)
    put("a.json.gz", big[:-3])
    assert check("a.json.gz", "--level", "structure")[0] == 3
    code, document = check("a.json.gz", "--level", "listing")
    assert (code, document["files"][0]["level"]) == (0, "listing")
    put("a.json.gz", b"")
    assert check("a.json.gz", "--level", "listing")[0] == 3


def test_text_of_a_lower_level_does_not_claim_that_every_byte_was_read():
    put("a.json", ROWS * 100)
    told = CliRunner().invoke(app, ["check", "a.json", "--level", "structure"]).stdout
    assert "not all content was read" in told
    assert "no file was opened" in CliRunner().invoke(app, ["check", "a.json", "--level", "listing"]).stdout


# ---- the rest


def test_processes_find_what_one_finds():
    big = gzip.compress(b"".join(b'{"a":"%s"}\n' % os.urandom(500).hex().encode() for _ in range(10000)), 1)
    for number in range(6):
        put(f"out/part-{number}-x.json.gz", big[:-9] if number == 4 else big + gzip.compress(b'{"n": %d}\n' % number))
    alone = check("out", "--jobs", "1")
    assert alone[0] == 3
    assert check("out", "--jobs", "2") == alone


def test_nothing_of_the_content_is_shown():
    put("a.json", b'{"a": "%s"}\n{"b": %s\n' % (CANARY.encode(), CANARY.encode()))
    put("b.csv", b"%s,b\n%s,1,2\n" % (CANARY.encode(), CANARY.encode()))
    for words in (["check", "."], ["check", ".", "--json"]):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 3
        assert CANARY not in result.output


def test_each_line_has_its_sigil():
    put("out/a.json")
    put("out/b.json", ROWS[:-5])
    put("out/d.json", ROWS + b"{}")
    put("out/e.json", ROWS + b"{ }")
    manifest(("a.json", len(ROWS)), ("b.json", len(ROWS) - 5), ("c.json", 7), ("d.json", 1))
    told = CliRunner().invoke(app, ["check", "out"]).stdout.splitlines()
    shown = {line.split()[1].rpartition("/")[2]: line[0] for line in told if line[:1] in "=-+*!" and line[1:2] == " "}
    assert shown == {"a.json": "=", "b.json": "!", "c.json": "-", "d.json": "*", "e.json": "+"}
    assert told[-1].startswith("INVALID  4 findings in 5 files: ")


class TestWithoutAHeader:
    def test_the_first_row_counts(self):
        put("a.csv", b"1,2\n3,4\n")
        assert check("a.csv", "--no-header", "--records", "2")[0] == 0
        assert check("a.csv")[1]["findings"][0]["code"] == "csv.header-missing"

    def test_it_tells_how_many_fields_there_are(self):
        put("a.csv", b"1,2\n1,2\n3,4,5\n")
        code, document = check("a.csv", "--no-header")
        assert (code, codes(document)) == (3, ["csv.ragged-row"])
        assert document["findings"][0]["where"] == "row 3"

    def test_it_is_judged_as_the_others_are(self):
        put("a.csv", b'1,"2"x\n3,4\n')
        code, document = check("a.csv", "--no-header")
        assert (code, document["findings"][0]["where"].split(",")[0]) == (3, "row 1")

    def test_the_tabs_of_a_name_stay(self):
        put("a.tsv", b"1\t2\n3\t4\n")
        assert check("a.tsv", "--no-header", "--records", "2")[0] == 0

    @pytest.mark.parametrize("packed", ["a.csv.gz", "a.zip"])
    def test_in_what_is_packed(self, packed):
        if packed.endswith(".gz"):
            put(packed, gzip.compress(b"1,2\n3,4\n"))
        else:
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("a.csv", "1,2\n3,4\n")
        assert check(packed, "--no-header", "--records", "2")[0] == 0


def test_a_line_break_in_a_name_makes_no_line_of_its_own():
    put("x\n= fake.json        200 rows\x1b[2J.json", ROWS[:-3])
    text = CliRunner().invoke(app, ["check", "."]).stdout
    assert [line[0] for line in text.splitlines() if line and line[0] in "=!-*+"] == ["!"]
    assert "\x1b" not in text
    assert "x⟨U+000A⟩= fake" in text


# ---- what helps


def said(*arguments):
    return CliRunner().invoke(app, ["check", *arguments]).stdout


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("a.csv", b"id;price\n1;1,5\n2;2,5\n", "the header has 1. Is it separated by ';'? --delimiter ';'"),
        ("a.csv", "id,näme\n1,a\n".encode("latin1"), "The header is not UTF-8, from its byte 4 on. Is it Latin-1?"),
        ("a.csv", "id,name\n1,a\n2,ä\n".encode("latin1"), "A row is not UTF-8, from its byte 2 on. Is it Latin-1?"),
        ("a.json", '{"a": "ä"}\n'.encode("latin1"), "from its byte 7 on. Is it Latin-1? iconv -f latin1 -t utf-8"),
        ("a.json", b'[\n{"a": 1},\n{"a": 2}\n]\n', "Is the file one array? jq -c '.[]' makes lines of it."),
        ("a.json", b'[{"a": 1}, {"a": 2}]\n', "Is the file one array? jq -c '.[]' makes lines of it."),
    ],
)
def test_the_first_finding_of_a_kind_has_a_hint(name, data, hint):
    put(name, data)
    assert said(name).count(hint) == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_single_column_that_may_be_several_is_noted(delimiter):
    put("a.csv", f"id{delimiter}price\n1{delimiter}2\n".encode())
    code, document = check("a.csv")
    assert (code, [remark["code"] for remark in document["files"][0]["warnings"]]) == (0, ["csv.one-column"])
    assert f"Does that separate columns? --delimiter {delimiter!r}" in said("a.csv")
    assert check("a.csv", "--delimiter", delimiter)[1]["files"][0]["warnings"] == []


def test_a_single_column_is_nothing_odd():
    put("a.csv", b"id\n1\n")
    assert check("a.csv")[1]["files"][0]["warnings"] == []


def test_what_is_said_of_the_form_is_not_doubted():
    put("a.csv", b"id;price\n1|2\n")
    assert "separated" not in said("a.csv", "--delimiter", "|")
    put("b.json", b'{"a": 1}\n[\n')
    assert "array" not in said("b.json")


def test_notes_are_counted():
    put("out/a.json.gz", gzip.compress(ROWS, mtime=0))
    put("out/b.json.gz", gzip.compress(ROWS, mtime=0))
    assert said("out").endswith("every byte read. 1 note.\n")


def test_files_without_checksums_are_counted():
    put("out/a.json.gz", gzip.compress(ROWS))
    assert "checksums" not in said("out")
    put("out/b.csv", CSV)
    code, document = check("out")
    assert (code, document["unchecksummed"]) == (0, 1)
    assert said("out").endswith("\n1 of 2 files carries no checksums: a changed byte can stay unseen.\n")
    assert said("out/b.csv").endswith("\nThe file carries no checksums: a changed byte can stay unseen.\n")
