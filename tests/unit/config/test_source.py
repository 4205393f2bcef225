from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import read_config_file
from aep_delivery.config.source import MAX_BYTES, parse_source

JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcXYZ", max_size=5), inner, max_size=4),
    max_leaves=15,
)


def refusal(text: bytes, name: str = "test.yaml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_source(text, name)
    return caught.value


@given(st.dictionaries(st.text("abcXYZ", max_size=5), JSON_VALUES, max_size=5), st.sampled_from([None, 2, "\t"]))
def test_json_is_read_as_json_reads_it(data: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(data, indent=indent).encode()
    assert parse_source(text, "test.json").data == data


def test_yaml_scalars_are_those_of_yaml_1_2() -> None:
    text = b"""
    text: yes
    quoted: "3"
    time: 2027-01-01T00:00:00Z
    flag: true
    whole: 3
    hex: 0x10
    leading: 010
    fraction: 1.5
    nothing:
    merge: {<<: 1}
    halves: "\\ud83d\\ude00"
    """
    assert parse_source(text, "test.yaml").data == {
        "text": "yes",
        "quoted": "3",
        "time": "2027-01-01T00:00:00Z",
        "flag": True,
        "whole": 3,
        "hex": 16,
        "leading": 10,
        "fraction": 1.5,
        "nothing": None,
        "merge": {"<<": 1},
        "halves": "\N{GRINNING FACE}",
    }


def test_positions_of_keys_and_values() -> None:
    source = parse_source(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - c: two\r\n    d: {e: 3}\r\n", "test.yaml")
    assert source.keys[("b", 0, "d")][:2] == (3, 4)
    assert source.values[("b", 0, "d", "e")][:2] == (3, 11)
    assert source.positions() == {
        "a": (1, 4),
        "b": (2, 1),
        "b[0]": (3, 5),
        "b[0].c": (3, 8),
        "b[0].d": (4, 5),
        "b[0].d.e": (4, 12),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"a: &x 1\nb: *x", "config.alias"),
        (b"a: *x", "config.alias"),
        (b"a: !!binary abc", "config.tag"),
        (b"a: !custom {b: 1}", "config.tag"),
        (b"%YAML 1.1\n---\na: 1", "config.directive"),
        (b"%TAG ! tag:example.com,2000:\n---\na: 1", "config.directive"),
        (b"a: 1\n---\nb: 1", "config.several-documents"),
        (b"- a", "config.not-a-mapping"),
        (b"text", "config.not-a-mapping"),
        (b"", "config.empty"),
        (b"# only a comment", "config.empty"),
        (b"a: [1", "config.syntax"),
        (b"a: \xff", "config.not-utf8"),
        ("a: 1".encode("utf-16"), "config.not-utf8"),
        (b"a: \x00", "config.control-character"),
        (b"a: " + b"[" * 21 + b"]" * 21, "config.too-deep"),
        (b"a: [" + b"1," * 20_000 + b"]", "config.too-many-nodes"),
        (b"#" * (MAX_BYTES + 1), "config.too-large"),
    ],
)
def test_what_is_no_config_is_refused(text: bytes, code: str) -> None:
    assert refusal(text).code == code


def test_the_bounds_themselves_are_allowed() -> None:
    depth = b"a: " + b"[" * 19 + b"]" * 19
    filler = b"\n#" + b"x" * (MAX_BYTES - len(depth) - 2)
    assert isinstance(parse_source(depth + filler, "test.yaml").data, dict)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"[" * 200_000, id="brackets"),
        pytest.param(b"- " * 100_000, id="dashes"),
        pytest.param(b"a" * 200_000 + b": 1", id="one-long-key"),
        pytest.param(b"a: " + b"Aa1" * 80_000, id="one-long-word"),
        pytest.param(b"a: &a [1]\n" + b"b: *a\n" * 20_000, id="aliases"),
        pytest.param(b"{" + b",".join(b"f%d: x" % i for i in range(9000)) + b"}", id="unknown-fields-on-a-line"),
    ],
)
def test_hostile_texts_cost_little(text: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read_config_file(text, "test.yaml")
    # All of these took minutes once; each takes less than two seconds on a slow machine.
    assert time.process_time() - start < 20
    assert len(caught.value.document().model_dump_json()) < 32_768


def test_a_duplicate_field_does_not_hide_other_findings() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config_file(b"version: 1\nversion: 2\nnam: x\n", "test.yaml")
    assert [diagnostic.code for diagnostic in caught.value.diagnostics][:1] == ["config.missing-field"]
    assert "config.duplicate-field" in {diagnostic.code for diagnostic in caught.value.diagnostics}
    assert "nam: not a known field, did you mean name?" in {d.sentence for d in caught.value.diagnostics}


def test_a_field_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config_file(b"version: 1\n? {a: CANARY}\n: CANARY\n", "test.yaml")
    assert "config.field-name" in {diagnostic.code for diagnostic in caught.value.diagnostics}
    assert "CANARY" not in caught.value.document().model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        b"hunter2",
        b"'hunter2\n  hunter2'",
        b"- secret: hunter2",
        b"secret: hunter2 \xff",
        b"secret: hunter2 \x00",
        b'{"auth": {"secret": "hunter2", "a": !b 1}}',
        b"password:\n  - hunter2\n  - [",
        b"auth:\n  secret: hunter2: x",
    ],
)
def test_what_cannot_be_read_is_not_echoed_either(text: bytes) -> None:
    error = refusal(text)
    assert error.details
    assert "hunter2" not in error.document().model_dump_json()
    assert "hunter2" not in repr(error.diagnostics)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_end_in_data_or_a_config_error(text: bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(parse_source(text, "test.yaml").data, dict)


@pytest.mark.parametrize("text", [b"x:\n" + b"- !a b\n" * 30_000, b"x: [&a b, " + b"*a ," * 60_000 + b"]"])
def test_what_is_forbidden_everywhere_is_refused_in_no_time(text: bytes) -> None:
    started = time.thread_time()
    assert len(refusal(text).diagnostics) == 25
    assert time.thread_time() - started < 5


def test_a_files_name_is_shown_without_what_a_terminal_obeys() -> None:
    error = refusal(b"", "a\n\x1b[2Jb.yaml" + "x" * 1_000)
    assert (error.place or "").startswith("a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[2Jb.yaml")
    assert len(error.place or "") < 300
