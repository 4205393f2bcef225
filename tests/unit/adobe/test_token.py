from __future__ import annotations

import logging
import traceback
from contextlib import nullcontext
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from aep_delivery.adobe.credentials import DEFAULT_SCOPES, AdobeCredentials
from aep_delivery.adobe.endpoints import AdobeEndpoints
from aep_delivery.adobe.errors import AdobeInternalError, AdobeTransientError, AdobeUserError
from aep_delivery.adobe.token import TokenSource
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.runtime.metrics import collected
from tests.unit.adobe.scripted import TOKEN, Answer, ScriptedAdobe

SECRET = "p8e-canary-client-secret"
INVALID_CLIENT = {"error": "invalid_client", "error_description": f"invalid client_secret parameter {SECRET}"}


def advance(clock: FixedClock, seconds: float) -> None:
    clock.sleep(seconds)
    clock.slept.clear()


def test_t01_a_token_is_kept_until_ten_minutes_before_its_end(
    tokens: TokenSource, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    first = tokens.token()
    advance(clock, 86399 - 600 - 1)
    assert tokens.token() == first
    assert len(adobe.token_calls) == 1

    advance(clock, 1)
    assert tokens.token() != first
    assert len(adobe.token_calls) == 2


def test_t01_a_short_life_is_renewed_after_nine_tenths(
    tokens: TokenSource, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.identity_script = [httpx.Response(200, json={"access_token": "short", "expires_in": 100})]
    tokens.token()
    advance(clock, 89)
    assert tokens.token().get_secret_value() == "short"

    advance(clock, 1)
    assert tokens.token().get_secret_value() != "short"


def test_a_lifetime_in_milliseconds_is_not_believed(
    tokens: TokenSource, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.identity_script = [httpx.Response(200, json={"access_token": "jwt-like", "expires_in": 86399992})]
    tokens.token()

    advance(clock, timedelta(days=1).total_seconds())

    assert tokens.token().get_secret_value() != "jwt-like"


def test_t02_the_secret_travels_in_the_body_alone(
    tokens: TokenSource, adobe: ScriptedAdobe, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    tokens.token()

    request = adobe.token_calls[0]
    assert str(request.url) == "https://ims-na1.adobelogin.com/ims/token/v3"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-1"],
        "client_secret": [SECRET],
        "scope": [DEFAULT_SCOPES],
    }
    assert SECRET not in caplog.text
    assert "canary-access-token" not in caplog.text


def test_t13_a_rotated_secret_is_read_again_once(http: httpx.Client, adobe: ScriptedAdobe, clock: FixedClock) -> None:
    adobe.identity_script = [httpx.Response(400, json=INVALID_CLIENT)]
    kept = [
        AdobeCredentials(client_id="client-1", client_secret=secret, org_id="0@AdobeOrg") for secret in ("old", "new")
    ]
    tokens = TokenSource(http, AdobeEndpoints(), lambda: kept.pop(0), clock)

    tokens.token()

    secrets = [parse_qs(call.content.decode())["client_secret"] for call in adobe.token_calls]
    assert secrets == [["old"], ["new"]]
    assert tokens.credentials.client_secret.get_secret_value() == "new"


def test_t13_a_credential_that_stays_wrong_is_the_users_affair(tokens: TokenSource, adobe: ScriptedAdobe) -> None:
    adobe.identity_script = [httpx.Response(400, json=INVALID_CLIENT) for _ in range(5)]

    with pytest.raises(AdobeUserError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.invalid-credentials"
    assert len(adobe.token_calls) == 2
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in repr(caught.value.problem)
    assert SECRET not in caught.value.document().model_dump_json()


def test_another_refusal_is_not_asked_again(tokens: TokenSource, adobe: ScriptedAdobe) -> None:
    adobe.identity_script = [httpx.Response(400, json={"error": "invalid_scope", "error_description": "no"})]

    with pytest.raises(AdobeUserError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.invalid-scope"
    assert len(adobe.token_calls) == 1


@pytest.mark.parametrize(
    "failure", [httpx.Response(503), httpx.Response(429), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]
)
def test_asking_for_a_token_is_safe_to_repeat(tokens: TokenSource, adobe: ScriptedAdobe, failure: Answer) -> None:
    adobe.identity_script = [failure]

    tokens.token()

    assert len(adobe.token_calls) == 2


def test_an_identity_service_out_of_reach_is_transient(tokens: TokenSource, adobe: ScriptedAdobe) -> None:
    adobe.identity_script = [httpx.ConnectError(f"refused {SECRET}") for _ in range(3)]

    with pytest.raises(AdobeTransientError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.unreachable"
    assert SECRET not in caught.value.document().model_dump_json()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"access_token": "canary", "expires_in": -1}),
        httpx.Response(200, json={"expires_in": 3}),
    ],
)
def test_an_answer_without_a_token_is_not_guessed_at(
    tokens: TokenSource, adobe: ScriptedAdobe, answer: httpx.Response
) -> None:
    adobe.identity_script = [answer]

    with pytest.raises(AdobeInternalError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.answer-unreadable"
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_page_in_place_of_a_token_is_asked_past(tokens: TokenSource, adobe: ScriptedAdobe) -> None:
    adobe.identity_script = [httpx.Response(200, content=b"<html>")]

    assert tokens.token().get_secret_value() == f"{TOKEN}-2"


def test_a_failed_refresh_leaves_no_old_token_behind(tokens: TokenSource, adobe: ScriptedAdobe) -> None:
    old = tokens.token()
    adobe.identity_script = [httpx.Response(400, json={"error": "invalid_scope"})]
    with pytest.raises(AdobeUserError):
        tokens.refresh()

    assert tokens.token() != old


@pytest.mark.parametrize(
    ("answers", "failures"),
    [
        ([], 0),
        ([httpx.Response(503)], 0),
        ([httpx.Response(400, json={"error": "invalid_client"})], 0),
        ([httpx.Response(400, json={"error": "invalid_client"})] * 2, 1),
        ([httpx.Response(503)] * 3, 1),
    ],
    ids=["well", "repeated", "rotated", "refused", "down"],
)
def test_a_token_that_was_not_given_is_counted_once(
    tokens: TokenSource,
    adobe: ScriptedAdobe,
    capsys: pytest.CaptureFixture[str],
    answers: list[Answer],
    failures: int,
) -> None:
    adobe.identity_script = [*answers]

    with collected(), pytest.raises(DeliveryError) if failures else nullcontext():
        tokens.token()

    assert capsys.readouterr().out.count('"TokenFailures":[1.0]') == failures


def test_an_identity_service_that_is_not_there_is_no_entity_that_is_gone(
    tokens: TokenSource, adobe: ScriptedAdobe
) -> None:
    adobe.identity_script = [httpx.Response(404, text="<html>Not found</html>")]

    with pytest.raises(AdobeInternalError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.unexpected-answer"


@pytest.mark.parametrize("token", ["a\r\nInjected: header", "a b", "\u00e9", "\0", "x" * 20_000])
def test_a_token_that_no_header_can_hold_is_none(tokens: TokenSource, adobe: ScriptedAdobe, token: str) -> None:
    adobe.identity_script = [httpx.Response(200, json={"access_token": token, "expires_in": 100})]

    with pytest.raises(AdobeInternalError) as caught:
        tokens.token()

    assert caught.value.code == "adobe.answer-unreadable"
    assert token not in str(caught.value)
