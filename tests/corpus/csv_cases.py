"""CSV, plain and gzip, in several dialects."""

from __future__ import annotations

import gzip

from aep_delivery.verification.dialect import RFC_4180, CsvDialect
from tests.corpus.case import Case

HEADER = b"id,name,city\n"
ROW = b"%d,person %d,Oslo\n"
BODY = b"".join(ROW % (number, number) for number in range(1, 101))
ROWS = HEADER + BODY
QUOTED = b'"id","name","city"\n' + b"".join(b'"%d","a, b","Oslo"\n' % number for number in range(100))
LONG = HEADER + b"".join(ROW % (number, number) for number in range(1, 40_001))
SPARK = CsvDialect(escape="\\")
NO_QUOTE = CsvDialect(quote="", escape="\\")


def with_row(row: bytes, rows: bytes = ROWS) -> bytes:
    """The row in the place of row 51."""
    lines = rows.splitlines(keepends=True)
    return b"".join([*lines[:51], row + b"\n", *lines[52:]])


def plain(
    name: str,
    data: bytes,
    rows: int | None = None,
    code: str | None = None,
    where: str | None = None,
    *,
    dialect: CsvDialect = RFC_4180,
    columns: tuple[str, ...] | None = None,
) -> Case:
    return Case(f"csv-{name}", "CSV", "NONE", data, rows, code, where, dialect=dialect, columns=columns)


def zipped(name: str, data: bytes, rows: int | None = None, code: str | None = None, where: str | None = None) -> Case:
    return Case(f"csv-gzip-{name}", "CSV", "GZIP", data, rows, code, where)


GZIP = gzip.compress(ROWS, mtime=0)

SOUND = [
    plain("rows", ROWS, 100),
    plain("no-last-newline", ROWS[:-1], 100),
    plain("crlf", ROWS.replace(b"\n", b"\r\n"), 100),
    plain("header-only", HEADER, 0),
    plain("header-only-no-newline", HEADER[:-1], 0),
    plain("one-column", b"id\n1\n2\n", 2),
    plain("one-column-with-a-null", b"id\n1\n\n2\n", 3),
    plain("empty-fields", with_row(b",,"), 100),
    plain("all-quoted", QUOTED, 100),
    plain("all-quoted-crlf", QUOTED.replace(b"\n", b"\r\n"), 100),
    plain("quoted-newline", with_row(b'51,"two\nlines",Oslo'), 100),
    plain("quoted-crlf", with_row(b'51,"two\r\nlines\r",Oslo'), 100),
    plain("quoted-delimiters", with_row(b'51,",,,","\n\n"'), 100),
    plain("doubled-quotes", with_row(b'51,"a ""b"" c",""""'), 100),
    plain("empty-quotes", with_row(b'"","",""'), 100),
    plain("quoted-row-ends", with_row(b'"51","""\n""",""",\n,"""'), 100),
    plain("backslash-before-quote", with_row(b'51,"C:\\",Oslo'), 100),
    plain("unicode", with_row("51,Zoë 𝄞 \u2028,東京".encode()), 100),
    plain("tabs", ROWS.replace(b",", b"\t"), 100, dialect=CsvDialect(delimiter="\t")),
    plain("semicolons", ROWS.replace(b",", b";"), 100, dialect=CsvDialect(delimiter=";")),
    plain("escaped-quotes", with_row(b'51,"a \\"b\\" c","d\\\\"'), 100, dialect=SPARK),
    plain("bare-backslashes", with_row(b"51,C:\\,\\\\server\\"), 100, dialect=SPARK),
    plain("apostrophe-escape", with_row(b"51,it's,\"it''s '\"quoted'\", so\""), 100, dialect=CsvDialect(escape="'")),
    plain("no-quote", with_row(b'51,5" nail,"'), 100, dialect=NO_QUOTE),
    plain("no-quote-nul", with_row(b"51,\0a, b\0,Oslo"), 100, dialect=NO_QUOTE),
    plain("expected-columns", ROWS, 100, columns=("id", "name", "city")),
    plain("blocks", LONG, 40_000),
    plain("long-field", with_row(b'51,"' + b'x\n""' * 500_000 + b'",Oslo'), 100),
    zipped("rows", GZIP, 100),
    zipped("members", gzip.compress(ROWS[:500]) + gzip.compress(ROWS[500:]), 100),
]

DAMAGED = [
    plain("empty-file", b"", None, "file.empty"),
    plain("blank-file", b"\n\n", None, "csv.header-missing", "header"),
    plain("too-few-fields", with_row(b"51,Oslo"), None, "csv.ragged-row", "row 51"),
    plain("too-many-fields", with_row(b"51,person, 51,Oslo"), None, "csv.ragged-row", "row 51"),
    plain("ragged-in-a-late-block", LONG[:900_000].replace(b"person 39999,", b"") + b",,,\n", None, "csv.ragged-row"),
    plain("cut", ROWS[:-8], None, "csv.ragged-row", "row 100"),
    plain("shifted-rows", with_row(b"51,person\n51,Oslo,1,2"), None, "csv.ragged-row", "row 51"),
    plain("unclosed-quote", with_row(b'51,"person,Oslo'), None, "csv.unclosed-quote", "row 51, column 2"),
    plain("unclosed-quote-in-the-last-row", ROWS + b'101,"pers', None, "csv.unclosed-quote", "row 101, column 2"),
    plain("unclosed-among-quoted", with_row(b'"51","a","Os', QUOTED), None, "csv.text-after-quote", "row 51, column 3"),
    plain("quote-in-a-field", with_row(b'51,5" nail,Oslo'), None, "csv.quote-in-field", "row 51, column 2"),
    plain("two-quotes-in-a-field", with_row(b'51,a "b" c,Oslo'), None, "csv.quote-in-field", "row 51, column 2"),
    plain("text-after-a-quote", with_row(b'51,"a" b,Oslo'), None, "csv.text-after-quote", "row 51, column 2"),
    plain("blank-before-a-quote", with_row(b'51, "a",Oslo'), None, "csv.quote-in-field", "row 51, column 2"),
    plain("blank-line", with_row(b"51,a,b\n"), None, "csv.blank-line", "row 52"),
    plain("blank-line-at-the-end", ROWS + b"\n", None, "csv.blank-line", "row 101"),
    plain("byte-order-mark", b"\xef\xbb\xbf" + ROWS, None, "csv.byte-order-mark", "byte 0"),
    plain("repeated-header", ROWS + ROWS, None, "csv.header-repeated", "row 101"),
    plain("duplicate-name", ROWS.replace(b"city", b"name", 1), None, "csv.header-duplicate", "header"),
    plain("no-header", BODY.replace(b"person ", b"").replace(b"Oslo", b"7"), None, "csv.header-missing", "header"),
    plain("nul", with_row(b"51,per\0son,Oslo"), None, "csv.nul", "row 51"),
    plain("nul-in-quotes", with_row(b'51,"per\0son",Oslo'), None, "csv.nul", "row 51"),
    plain("latin-1", with_row("51,Zoë,Oslo".encode("latin-1")), None, "csv.not-utf8", "row 51"),
    plain("utf-16", ROWS.decode().encode("utf-16"), None, "csv.not-utf8", "header"),
    plain("carriage-returns-only", ROWS.replace(b"\n", b"\r"), None, "csv.line-ends", "header"),
    plain("carriage-return-in-a-field", with_row(b"51,per\rson,Oslo"), None, "csv.carriage-return", "row 51, column 2"),
    plain("carriage-return-at-the-end", ROWS[:-1] + b"\r", None, "csv.carriage-return", "row 100, column 3"),
    plain("zeros-in-the-middle", ROWS[:500] + b"\0" * 512 + ROWS[1012:], None, "csv.nul"),
    plain("row-too-long", HEADER + b"1," + b"x" * (17 << 20), None, "csv.row-too-long", "row 1"),
    plain("quote-never-closed", HEADER + b'1,"' + b"x\n" * (9 << 20), None, "csv.row-too-long", "row 1"),
    plain("delimiter-of-one-row", with_row(b"51;person;Oslo"), None, "csv.ragged-row", "row 51"),
    plain(
        "escaped-quote-never-closed",
        with_row(b'51,"a\\",Oslo'),
        None,
        "csv.unclosed-quote",
        "row 51, column 2",
        dialect=SPARK,
    ),
    plain("columns-differ", ROWS, None, "csv.header-differs", "header", columns=("id", "name", "town")),
    plain("columns-in-another-order", ROWS, None, "csv.header-differs", "header", columns=("id", "city", "name")),
    plain("header-is-data", BODY, None, "csv.header-missing", "header", columns=("id", "name", "city")),
    zipped("cut", GZIP[:-20], None, "file.truncated", f"byte {len(GZIP) - 20}"),
    zipped("members-with-headers", GZIP + GZIP, None, "csv.header-repeated", "row 101"),
    zipped("ragged", gzip.compress(with_row(b"51")), None, "csv.ragged-row", "row 51"),
    zipped("nothing-inside", gzip.compress(b""), None, "csv.header-missing", "header"),
    zipped("is-plain", ROWS, None, "file.not-gzip", "byte 0"),
]
