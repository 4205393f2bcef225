"""What an excerpt may show of a field whose name says that it holds a secret."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.config.masking import is_spoken
from aep_delivery.config.schema import closed_list, vocabulary

AUTH = ("destination", "auth", "type")


def _shown(value: str, destination: str = "sftp") -> str:
    text = f"version: 1\ndestination:\n  type: {destination}\n  auth: {{type: {value}, secret: secret://x, bogus: 1}}\n"
    with pytest.raises(ConfigError) as caught:
        load_config(text.encode(), "crm.yaml")
    return render(caught.value.diagnostics)


@pytest.mark.parametrize("value", ["sftp-password", "password", "sftp-pasword", "SSH-Key", "ssh_key", "access-key"])
def test_words_of_closed_lists_are_shown_where_such_a_word_belongs(value: str) -> None:
    assert f"type: {value}," in _shown(value)


@pytest.mark.parametrize(
    "value",
    ["hunter2", "password1", "correct-horse", "sftp-password-hunter", "AKIAIOSFODNN7EXAMPLE", "passwordpassword" * 3],
)
def test_what_may_be_a_secret_is_hidden_there_too(value: str) -> None:
    assert value not in _shown(value)


def test_the_same_words_are_hidden_in_fields_that_hold_anything() -> None:
    text = b"version: 1\ndestination:\n  type: sftp\n  auth: {type: sftp-password, secret: password}\n"
    with pytest.raises(ConfigError) as caught:
        load_config(text, "crm.yaml")
    assert "secret: password" not in render(caught.value.diagnostics)


@given(st.text(string.ascii_letters + string.digits + "!$%&/=+", min_size=8, max_size=40))
def test_no_text_with_a_digit_or_a_mark_is_a_word(text: str) -> None:
    assert text.isalpha() or not is_spoken(text, vocabulary())


def test_closed_lists_are_those_of_the_schema() -> None:
    of_sftp = {"destination": {"type": "sftp", "auth": {"type": "nope"}}}
    assert "sftp-password" in closed_list(AUTH, of_sftp)
    assert "sftp" in closed_list(("destination", "type"), of_sftp)
    assert closed_list(("destination", "compression"), of_sftp) == ["NONE", "GZIP"]
    assert closed_list(("destination", "auth", "secret"), of_sftp) == []
    assert closed_list((), of_sftp) == []
