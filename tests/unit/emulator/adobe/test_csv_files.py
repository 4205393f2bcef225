from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import csv_files

QUOTED = {"delimiter": ",", "quote": '"', "escape": "\\", "nullValue": "null", "emptyValue": '""'}
DELIMITERS, ESCAPES, TOKENS = (",", "\t", "|", ";", ":"), ("\\", "'"), ("null", '""', "")
OPTIONS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(DELIMITERS),
        "quote": st.just('"'),
        "escape": st.sampled_from(ESCAPES),
        "nullValue": st.sampled_from(TOKENS),
        "emptyValue": st.sampled_from(TOKENS),
    }
)


def written(table: pa.Table, options: Mapping[str, str]) -> str:
    stream = io.BytesIO()
    csv_files.write(table, stream, options)
    return stream.getvalue().decode()


def lines(values: list[object], **options: str) -> list[str]:
    return written(pa.table({"a": values}), {**QUOTED, **options}).splitlines()[1:]


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, dict[str, str]]:
    """Two columns of any text, in any of Adobe's dialects that quote."""
    options = draw(OPTIONS)
    plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(ESCAPES)), max_size=8)
    # Outside quotes Spark leaves the escape character as it is, which the readers here would take for an escape.
    escape = st.builds(lambda a, b: a + options["escape"] + b + options["delimiter"], plain, plain)
    rows = draw(st.lists(st.tuples(*[st.none() | plain | escape] * 2), max_size=6))
    columns = [[row[index] for row in rows] for index in range(2)]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=["a", "b"]), options


def as_read(value: str | None, options: Mapping[str, str]) -> str:
    token = options["nullValue"] if value is None else value or options["emptyValue"]
    return "" if not value and token == '""' else token


@given(tables())
def test_what_is_written_reads_back_equal(case: tuple[pa.Table, dict[str, str]]) -> None:
    table, options = case
    text = written(table, options)
    expected = [["a", "b"], *([as_read(value, options) for value in row.values()] for row in table.to_pylist())]
    dialect = {"delimiter": options["delimiter"], "quotechar": '"', "escapechar": options["escape"]}
    assert list(csv.reader(io.StringIO(text, newline=""), doublequote=False, strict=True, **dialect)) == expected
    arrow = pc.read_csv(
        io.BytesIO(text.encode()),
        parse_options=pc.ParseOptions(
            delimiter=options["delimiter"],
            double_quote=False,
            escape_char=options["escape"],
            newlines_in_values=True,
        ),
        convert_options=pc.ConvertOptions(column_types={"a": pa.string(), "b": pa.string()}, strings_can_be_null=False),
    )
    assert [list(row.values()) for row in arrow.to_pylist()] == expected[1:]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain text ", "plain text "),
        ("Doe,John", '"Doe,John"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", "back\\slash"),
        ("back\\slash, quoted", r'"back\\slash, quoted"'),
        ("", '""'),
        (None, "null"),
        ("null", "null"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_values_are_quoted_only_where_they_must_be(value: str | None, line: str) -> None:
    assert lines([value, "x"])[0] == line


def test_the_other_escape_character() -> None:
    assert lines(['say "hi", O\'Brien', "O'Brien"], escape="'") == ["\"say '\"hi'\", O''Brien\"", "O'Brien"]


def test_line_ends_stay_within_quotes() -> None:
    assert written(pa.table({"a": ["1\n2", "1\r2"]}), QUOTED) == 'a\n"1\n2"\n"1\r2"\n'


def test_without_a_quote_character_nothing_is_quoted_as_adobe_shows_it() -> None:
    # Adobe's example: Anna,"Doe,John" becomes Anna,Doe,John.
    table = pa.table({"a": ["Anna"], "b": ["Doe,John"]})
    assert written(table, {**QUOTED, "quote": ""}) == "a,b\nAnna,Doe,John\n"
    assert lines(['"\\'], quote="") == ['"\\']


@pytest.mark.parametrize("token", TOKENS)
def test_null_and_empty_values_are_the_given_words(token: str) -> None:
    table = pa.table({"a": [None, ""], "b": ["x", "y"]})
    assert written(table, {**QUOTED, "nullValue": token, "emptyValue": "E"}) == f"a,b\n{token},x\nE,y\n"
    assert written(table, {**QUOTED, "nullValue": "N", "emptyValue": token}) == f"a,b\nN,x\n{token},y\n"


def test_options_that_are_not_given_have_the_connection_specs_defaults() -> None:
    assert written(pa.table({"a": [None, ""], "b": ['"', "\\"]}), {}) == 'a,b\nnull,"\n,\\\n'


def test_first_generation_files_are_quoted_and_their_nulls_empty() -> None:
    table = pa.table({"a": [None, "x,y"], "b": ["1", "2"]})
    assert written(table, csv_files.FIRST_GENERATION) == 'a,b\n,1\n"x,y",2\n'


def test_a_header_stands_alone_over_no_rows_and_is_quoted_like_a_value() -> None:
    assert written(pa.table({"a,b": pa.array([], pa.string())}), QUOTED) == '"a,b"\n'


def test_every_type_has_a_text() -> None:
    row = {
        "int": 1,
        "float": 1.5,
        "bool": True,
        "decimal": Decimal("1.10"),
        "date": date(2027, 1, 2),
        "time": datetime(2027, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        "list": ["x", "y"],
        "struct": {"k": 'v"', "none": None},
    }
    text = written(pa.Table.from_pylist([row]), {**QUOTED, "delimiter": ";"})
    assert text.splitlines()[1] == (
        r'1;1.5;true;1.10;2027-01-02;2027-01-02T03:04:05.678Z;"[\"x\",\"y\"]";"{\"k\":\"v\\\"\"}"'
    )


def test_more_rows_than_a_batch_stay_in_order() -> None:
    assert lines(list(range(12_345))) == [str(number) for number in range(12_345)]
