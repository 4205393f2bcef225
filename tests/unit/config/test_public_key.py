from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.public_key import key_expiry

# Made with GnuPG. The extended one was to expire in 2028, then a month later was given another year; its subkey ends
# in March 2027, which does not end the key.
KEYS = Path(__file__).parent / "public_keys"
EXPECTED = {
    "rsa": datetime(2027, 6, 1, 12, tzinfo=UTC),
    "extended": datetime(2029, 1, 1, tzinfo=UTC),
    "armored": datetime(2029, 1, 1, tzinfo=UTC),
    "never": None,
}


@pytest.mark.parametrize(("name", "expiry"), EXPECTED.items(), ids=EXPECTED)
def test_a_key_says_when_it_expires(name: str, expiry: datetime | None) -> None:
    assert key_expiry((KEYS / f"{name}.txt").read_text().strip()) == expiry


@given(length=st.integers(min_value=0, max_value=500))
def test_a_key_that_is_cut_off_says_nothing_wrong(length: int) -> None:
    whole = base64.b64decode((KEYS / "extended.txt").read_text())
    found = key_expiry(base64.b64encode(whole[:length]).decode())
    assert found in (None, EXPECTED["extended"], datetime(2028, 1, 1, tzinfo=UTC))


@given(data=st.binary(max_size=200))
def test_what_is_no_key_is_no_error(data: bytes) -> None:
    key_expiry(base64.b64encode(data).decode())
