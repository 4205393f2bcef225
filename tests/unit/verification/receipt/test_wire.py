from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from aep_delivery.verification.receipt.wire import camel_name, rename_keys, snake_name

WORD = st.text(string.ascii_lowercase, min_size=1, max_size=1).flatmap(
    lambda first: st.text(string.ascii_lowercase + string.digits, max_size=8).map(lambda rest: first + rest)
)
NAMES = st.lists(WORD, min_size=1, max_size=4).map("_".join)


@given(NAMES)
def test_camel_and_back_is_the_same_name(name: str) -> None:
    assert snake_name(camel_name(name)) == name


@given(NAMES)
def test_a_camel_name_stays_as_it_is(name: str) -> None:
    assert camel_name(camel_name(name)) == camel_name(name)


def test_values_are_left_alone() -> None:
    document: JsonValue = {"storage_checksum": "crc_64:a_b", "file_list": [{"run_ids": ["x_y"]}]}
    assert rename_keys(document, camel_name) == {
        "storageChecksum": "crc_64:a_b",
        "fileList": [{"runIds": ["x_y"]}],
    }


def test_a_digit_is_no_word_of_its_own() -> None:
    assert snake_name("sha256") == "sha256"
