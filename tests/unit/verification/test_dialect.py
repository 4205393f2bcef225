from __future__ import annotations

import pytest
from pydantic import ValidationError

from aep_delivery.verification.dialect import RFC_4180, CsvDialect


def test_the_default_is_rfc_4180() -> None:
    assert (RFC_4180.delimiter, RFC_4180.quote, RFC_4180.escape) == (",", '"', "")


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";", ":"])
@pytest.mark.parametrize("quote", ['"', ""])
@pytest.mark.parametrize("escape", ["\\", "'"])
def test_whatever_adobe_offers_is_a_dialect(delimiter: str, quote: str, escape: str) -> None:
    assert CsvDialect(delimiter=delimiter, quote=quote, escape=escape).delimiter == delimiter


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ""},
        {"delimiter": "a"},
        {"delimiter": "\n"},
        {"delimiter": "\0"},
        {"delimiter": "§"},
        {"delimiter": '"'},
        {"delimiter": "\\", "escape": "\\"},
        {"quote": "\n"},
        {"escape": "ab"},
        {"head": True},
    ],
)
def test_what_cannot_be_told_apart_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CsvDialect.model_validate(options)
