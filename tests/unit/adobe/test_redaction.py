from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, SecretStr

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.adobe.redaction import MASK, quotable, redact, scrub, secrets_in

CANARY = "c4n/ary+value"


def test_auth_params_are_masked_at_any_depth() -> None:
    answer: JsonValue = {
        "items": [
            {"id": "1", "auth": {"specName": "Access Key", "params": {"s3AccessKey": CANARY, "unknown": CANARY}}}
        ],
        "inheritedAttributes": {"targetConnections": [{"baseConnection": {"auth": {"params": {"x": CANARY}}}}]},
    }

    redacted = json.dumps(redact(answer))

    assert CANARY not in redacted
    assert "Access Key" in redacted


@pytest.mark.parametrize("name", ["SASToken", "SASUri", "client_secret", "access_token", "Authorization", "password"])
def test_strings_under_the_name_of_a_credential_are_masked(name: str) -> None:
    assert redact({"outer": {name: CANARY}}) == {"outer": {name: MASK}}


def test_a_description_of_a_parameter_stays_readable() -> None:
    spec: JsonValue = {"properties": {"password": {"type": "string"}, "path": {"pattern": "^x$"}}}

    assert redact(spec) == spec


@given(st.text(alphabet="abcXYZ/+=&% 019", min_size=4), st.text(max_size=20), st.text(max_size=20))
def test_no_known_secret_survives_scrubbing(secret: str, before: str, after: str) -> None:
    assert secret not in scrub(f"{before}{secret}{after}", [secret])


def test_quoted_spellings_of_a_secret_are_scrubbed_too() -> None:
    said = f"bad value {CANARY} in ?sig={quote(CANARY, safe='')} and {quote(CANARY)}"

    assert scrub(said, [CANARY]) == "bad value *** in ?sig=*** and ***"


def test_tokens_are_recognised_without_being_known() -> None:
    assert scrub("Authorization: Bearer abc.def rejected; eyJhbGci.eyJpc3M.c2ln") == (
        "Authorization: Bearer *** rejected; ***"
    )


def test_a_tiny_value_does_not_mask_the_sentence() -> None:
    assert scrub("port 22 of 2022", ["22"]) == "port 22 of 2022"


def test_the_secrets_of_a_body_are_its_auth_params_and_patches_of_them() -> None:
    create = {"name": "n", "auth": {"specName": "s", "params": {"a": "one", "b": ["two"]}}}
    patch = [
        {"op": "replace", "path": "/auth/params", "value": {"a": SecretStr("three")}},
        {"op": "replace", "path": "/name", "value": "open"},
    ]

    assert list(secrets_in(create)) == ["one", "two"]
    assert list(secrets_in(patch)) == ["three"]
    assert list(secrets_in(None)) == []


@pytest.mark.parametrize(
    "name",
    [
        param.name
        for row in load_catalogue().destinations
        for spec in row.auth_specs
        for param in spec.params
        if param.secret
    ],
)
def test_every_secret_of_the_catalogue_is_known_by_its_name(name: str) -> None:
    assert redact({name: CANARY}) == {name: MASK}


def test_what_is_quoted_is_one_short_line_without_what_a_terminal_obeys() -> None:
    said = quotable("a\r\n\x1b[2Jb \u202egpj.exe " + "x" * 1_000, ["x" * 9])
    assert said.startswith("a \N{REPLACEMENT CHARACTER}[2Jb \N{REPLACEMENT CHARACTER}gpj.exe ***")
    assert len(said) <= 500


def test_many_that_look_like_tokens_are_searched_in_no_time() -> None:
    started = time.thread_time()
    assert len(quotable("-eyJ" * 1_000_000, ["secret"])) == 500
    assert time.thread_time() - started < 2


def test_a_secret_behind_a_long_text_is_masked_before_the_text_is_cut() -> None:
    assert CANARY not in scrub("x" * 7_990 + CANARY, [CANARY])
