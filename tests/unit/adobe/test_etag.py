from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.etag import normalise_etag

VERSION = "7400453a-0000-1a00-0000-62b1c7a90000"


@pytest.mark.parametrize(
    "raw",
    [VERSION, f'"{VERSION}"', f'\\"{VERSION}\\"', f'"\\"{VERSION}\\""', f'""{VERSION}""', f' "{VERSION}" \n'],
)
def test_t14_every_spelling_becomes_one_pair_of_quotes(raw: str) -> None:
    assert normalise_etag(raw) == f'"{VERSION}"'


@given(st.text())
def test_t14_always_exactly_one_pair_of_quotes_and_fit_for_a_header(raw: str) -> None:
    etag = normalise_etag(raw)

    assert etag.count('"') == 2
    assert etag[0] == etag[-1] == '"'
    assert etag.isascii()
    assert etag.isprintable()
    assert " " not in etag


@given(st.text())
def test_t14_normalising_twice_changes_nothing(raw: str) -> None:
    assert normalise_etag(normalise_etag(raw)) == normalise_etag(raw)


@given(st.text(alphabet="0123456789abcdef-", min_size=1))
def test_t14_what_the_service_gave_survives(version: str) -> None:
    assert normalise_etag(f'"{version}"') == f'"{version}"'
