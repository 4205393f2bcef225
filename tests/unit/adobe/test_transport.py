from __future__ import annotations

import json
import logging
import ssl
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from pydantic import JsonValue

from aep_delivery.adobe.endpoints import AdobeEndpoints
from aep_delivery.adobe.errors import (
    AdobeInternalError,
    AdobeTransientError,
    AdobeUserError,
    EtagMismatchError,
    OutcomeUnknownError,
)
from aep_delivery.adobe.receiving import ENCODING, take_no_more
from aep_delivery.adobe.retrying import Retries
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport, adobe_http_client
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import DeliveryError, UserError
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import collected
from tests.unit.adobe.scripted import CANARIES, S3_SECRET, TOKEN, Answer, ScriptedAdobe

FLOWS = "/data/foundation/flowservice/flows"
TOKEN_REJECTED = {"error_code": "401013", "message": "Oauth token is not valid"}
CONNECTION: JsonValue = {"name": "n", "auth": {"specName": "Access Key", "params": {"s3SecretKey": S3_SECRET}}}


def ok() -> httpx.Response:
    return httpx.Response(200, json={"items": []})


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_t06_every_request_carries_the_four_headers(
    transport: AdobeTransport, adobe: ScriptedAdobe, method: str
) -> None:
    adobe.script = [ok()]

    transport.request(method, FLOWS, headers={"X-Sandbox-Name": "prod", "AUTHORIZATION": "none", "X-Custom": "1"})

    headers = adobe.calls[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}-1"
    assert headers["x-api-key"] == "client-1"
    assert headers["x-gw-ims-org-id"] == "0123@AdobeOrg"
    assert headers.get_list("x-sandbox-name") == ["sand-1"]
    assert headers["x-custom"] == "1"
    assert headers["accept"] == "application/json"
    assert "x-sandbox-id" not in headers


@pytest.mark.parametrize("sandbox", ["", " ", "two words", "evil\r\nx-header: 1", "ä"])
def test_t06_no_client_without_a_sandbox(
    http: httpx.Client, tokens: TokenSource, clock: FixedClock, sandbox: str
) -> None:
    with pytest.raises(UserError) as caught:
        AdobeTransport(http, tokens, AdobeEndpoints(), sandbox, clock)

    document = caught.value.document()
    assert document.code == "adobe.sandbox-missing"
    assert ("no sandbox name" in document.message) is bool(sandbox.strip())
    assert document.hint


def test_t03_a_rejected_token_is_refreshed_once(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(401, json=TOKEN_REJECTED), httpx.Response(201, json={"id": "1"})]

    response = transport.request("POST", FLOWS, json={"name": "n"})

    assert response.status_code == 201
    assert [call.headers["authorization"] for call in adobe.calls] == [f"Bearer {TOKEN}-1", f"Bearer {TOKEN}-2"]
    assert [call.content for call in adobe.calls] == [b'{"name":"n"}'] * 2


def test_t03_a_second_rejection_is_permanent(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(401, json=TOKEN_REJECTED) for _ in range(9)]

    with pytest.raises(AdobeUserError) as caught:
        transport.request("GET", FLOWS)

    assert caught.value.code == "adobe.token-rejected"
    assert len(adobe.calls) == 2
    assert len(adobe.token_calls) == 2


def test_t05_a_missing_token_is_not_repeated(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(403, json={"error_code": "403010", "message": "Oauth token is missing"})]

    with pytest.raises(AdobeInternalError):
        transport.request("GET", FLOWS)

    assert len(adobe.calls) == 1


def test_t07_retry_after_seconds_is_honoured(
    transport: AdobeTransport, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.script = [httpx.Response(429, headers={"Retry-After": "7"}), ok()]

    assert transport.request("GET", FLOWS).status_code == 200
    assert sum(clock.slept) >= 7


def test_t08_retry_after_as_a_date_is_honoured(
    transport: AdobeTransport, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    moment = format_datetime(clock.now() + timedelta(seconds=12), usegmt=True)
    adobe.script = [httpx.Response(429, headers={"Retry-After": moment}), ok()]

    transport.request("GET", FLOWS)

    assert clock.slept == [12.0]


def test_t08_without_retry_after_backoff_with_jitter_is_used(
    transport: AdobeTransport, adobe: ScriptedAdobe, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retries, "jitter", lambda self, seconds: seconds / 4)
    adobe.script = [httpx.Response(429), httpx.Response(429), ok()]

    transport.request("GET", FLOWS)

    assert clock.slept == [0.25, 0.5]


def test_a_wait_beyond_the_budget_is_left_to_the_workflow(
    transport: AdobeTransport, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.script = [httpx.Response(429, headers={"Retry-After": "90"})]

    with pytest.raises(AdobeTransientError) as caught:
        transport.request("GET", FLOWS)

    assert (caught.value.code, caught.value.retry_after_seconds) == ("adobe.throttled", 90.0)
    assert clock.slept == []


LOST: list[Answer] = [
    httpx.Response(500),
    httpx.Response(502, content=b"<html>"),
    httpx.Response(503, json={"message": "later"}),
    httpx.Response(504),
    httpx.ReadTimeout("slow"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("bad gzip"),
]


@pytest.mark.parametrize("lost", LOST, ids=repr)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_does_no_harm_twice_is_repeated(
    transport: AdobeTransport, adobe: ScriptedAdobe, method: str, lost: Answer
) -> None:
    adobe.script = [lost, lost, ok()]

    assert transport.request(method, FLOWS).is_success
    assert len(adobe.calls) == 3


@pytest.mark.parametrize("lost", LOST, ids=repr)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_t10_a_write_whose_answer_is_lost_is_not_repeated(
    transport: AdobeTransport, adobe: ScriptedAdobe, method: str, lost: Answer
) -> None:
    adobe.script = [lost]

    with pytest.raises(OutcomeUnknownError) as caught:
        transport.request(method, FLOWS, json={})

    assert len(adobe.calls) == 1
    assert caught.value.place == f"{method} /flows"
    assert caught.value.family == "TransientError"
    assert caught.value.problem.message
    named = lost.status_code if isinstance(lost, httpx.Response) else type(lost).__name__
    assert str(named) in caught.value.message


def test_t10_how_long_adobe_asks_to_wait_is_told_with_a_lost_answer(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    adobe.script = [httpx.Response(503, headers={"Retry-After": "45"})]

    with pytest.raises(OutcomeUnknownError) as caught:
        transport.request("POST", FLOWS, json={})

    assert caught.value.retry_after_seconds == 45


@pytest.mark.parametrize("lost", [*LOST, httpx.ConnectError("refused"), httpx.Response(200, content=b"<")], ids=repr)
def test_what_fails_for_good_is_told_with_its_call(
    transport: AdobeTransport, adobe: ScriptedAdobe, lost: Answer
) -> None:
    adobe.script = [lost] * 3

    with pytest.raises(AdobeTransientError) as caught:
        transport.request("GET", FLOWS)

    document = caught.value.document()
    assert document.place == "GET /flows"
    assert document.message
    assert caught.value.problem.http_status == (lost.status_code if isinstance(lost, httpx.Response) else None)


@pytest.mark.parametrize(
    "refused", [httpx.Response(429), httpx.ConnectError("refused"), httpx.ConnectTimeout("slow")], ids=repr
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_write_that_adobe_did_not_take_in_is_repeated(
    transport: AdobeTransport, adobe: ScriptedAdobe, method: str, refused: Answer
) -> None:
    adobe.script = [refused, ok()]

    assert transport.request(method, FLOWS, json={}).is_success


def test_a_write_declared_repeatable_is_repeated(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(503), ok()]

    assert transport.request("POST", FLOWS, repeatable=True).is_success


NO_JSON = (b"<!doctype html><title>Down for maintenance</title>", b'{"items": [', b"")


@pytest.mark.parametrize("body", NO_JSON)
def test_what_is_no_json_is_no_answer_to_a_question(
    transport: AdobeTransport, adobe: ScriptedAdobe, body: bytes
) -> None:
    adobe.script = [httpx.Response(200, content=body), httpx.Response(200, json={})]
    assert transport.request("GET", "/x").json() == {}

    adobe.script = [httpx.Response(200, content=body) for _ in range(3)]
    with pytest.raises(AdobeTransientError) as caught:
        transport.request("GET", "/x")
    assert caught.value.code == "adobe.no-answer"
    assert "maintenance" not in caught.value.message


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_write_is_not_repeated_for_what_it_answers(
    transport: AdobeTransport, adobe: ScriptedAdobe, method: str
) -> None:
    adobe.script = [httpx.Response(200, content=NO_JSON[0])]

    assert transport.request(method, "/x").content == NO_JSON[0]


def test_tries_are_bounded(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.ConnectError("refused") for _ in range(9)]

    with pytest.raises(AdobeTransientError) as caught:
        transport.request("GET", FLOWS)

    assert caught.value.code == "adobe.unreachable"
    assert len(adobe.calls) == 3


def test_t12_an_etag_mismatch_is_the_callers_to_resolve(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    problem = {"type": "https://ns.adobe.com/aep/errors/FLOW-1404-412", "title": "Precondition failed", "status": 412}
    adobe.script = [httpx.Response(412, json=problem)]

    with pytest.raises(EtagMismatchError) as caught:
        transport.request("PATCH", FLOWS + "/f1", json=[], etag="x")

    assert caught.value.problem.code == "FLOW-1404-412"
    assert len(adobe.calls) == 1


def test_t14_if_match_has_one_pair_of_quotes(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [ok()]

    transport.request("PATCH", FLOWS, json=[], etag='\\"7400453a-0000-1a00-0000-62b1c7a90000\\"')

    assert adobe.calls[0].headers["if-match"] == '"7400453a-0000-1a00-0000-62b1c7a90000"'


def test_content_type_goes_with_a_body_only(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [ok(), ok()]

    transport.request("POST", FLOWS, json={"a": 1})
    transport.request("POST", FLOWS)

    assert [call.headers.get("content-type") for call in adobe.calls] == ["application/json", None]


def test_filters_keep_their_equals_signs_and_everything_else_is_encoded(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    adobe.script = [ok()]
    params = [("property", "name==a b&c+d%e"), ("property", "sourceConnectionIds[]==s1"), ("orderby", "-createdAt")]

    transport.request("GET", FLOWS, params=params)

    url = adobe.calls[0].url
    assert url.params.multi_items() == params
    assert b"property=name==a%20b%26c%2Bd%25e&" in url.query


@pytest.mark.parametrize("path", ["https://evil.example/flows", "//evil.example/flows", "flows", "", "@evil.example"])
def test_the_token_goes_to_adobes_host_alone(transport: AdobeTransport, adobe: ScriptedAdobe, path: str) -> None:
    with pytest.raises(ValueError, match="by path"):
        transport.request("GET", path)

    assert adobe.calls == []


def test_redirects_are_not_followed(tokens: TokenSource, adobe: ScriptedAdobe, clock: FixedClock) -> None:
    following = httpx.Client(transport=httpx.MockTransport(adobe.answer), follow_redirects=True)
    transport = AdobeTransport(following, tokens, AdobeEndpoints(), "sand-1", clock)
    adobe.script = [httpx.Response(302, headers={"Location": "https://evil.example/"})]

    with pytest.raises(AdobeInternalError) as caught:
        transport.request("GET", FLOWS)

    assert caught.value.code == "adobe.unexpected-answer"
    assert len(adobe.calls) == 1


def test_server_time_is_adobes_clock_at_its_last_answer(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    assert (transport.server_time(), transport.answered_at) == (None, None)
    adobe.script = [httpx.Response(404, headers={"Date": "Fri, 01 Jan 2027 00:00:00 GMT"})]

    with pytest.raises(AdobeUserError):
        transport.request("GET", FLOWS)

    assert transport.server_time() == datetime(2027, 1, 1, tzinfo=UTC)


def quoting(request: httpx.Request) -> httpx.Response:
    """An Adobe that quotes everything it was sent."""
    said = f"bad: {request.headers['authorization']} {request.content.decode()}"
    return httpx.Response(400, json={"message": said, "report": {"request-id": said}})


FAILURES: list[Answer] = [
    quoting,
    httpx.ReadTimeout(f"while sending {S3_SECRET} with {TOKEN}-1"),
    httpx.ConnectError(f"while sending {S3_SECRET} with {TOKEN}-1"),
    lambda request: httpx.Response(
        401, json={"error_code": "401013", "message": f"{request.headers['authorization'][7:]} is not valid"}
    ),
    httpx.Response(503, content=S3_SECRET.encode()),
]


@pytest.mark.parametrize("answer", FAILURES, ids=["quoted", "timeout", "connect", "token", "html"])
def test_no_canary_comes_out_of_a_failed_call(
    transport: AdobeTransport,
    tokens: TokenSource,
    adobe: ScriptedAdobe,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger=logger.name)
    adobe.script = [answer] * 9

    with pytest.raises(DeliveryError) as caught:
        transport.request("POST", "/data/foundation/flowservice/connections", json=CONNECTION)

    error = caught.value
    shown = "\n".join(
        [
            "".join(traceback.format_exception(error)),
            repr(error),
            repr(vars(error)),
            error.document().model_dump_json(),
            error.document().as_text(),
            repr(transport),
            repr(vars(transport)),
            repr(vars(tokens)),
            caplog.text,
        ]
    )
    assert "POST /connections" in shown
    for canary in CANARIES:
        assert canary not in shown
    assert error.__cause__ is None


def test_a_successful_call_logs_no_more_than_method_path_and_status(
    transport: AdobeTransport, adobe: ScriptedAdobe, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger=logger.name)
    adobe.script = [httpx.Response(200, json={"auth": {"params": {"s3SecretKey": S3_SECRET}}})]

    transport.request("POST", "/data/foundation/flowservice/connections", json=CONNECTION)

    assert "POST /connections answered with 200" in caplog.text
    for canary in CANARIES:
        assert canary not in caplog.text


def test_the_client_verifies_tls_has_limits_and_follows_nothing() -> None:
    with adobe_http_client() as client:
        context = client._transport._pool._ssl_context  # type: ignore[attr-defined]

        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert client.timeout == httpx.Timeout(30.0, connect=5.0)
        assert not client.follow_redirects
        assert client.headers["accept-encoding"] == ENCODING
        assert client.event_hooks["response"] == [take_no_more]


def test_the_emulator_on_the_loopback_interface_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    with adobe_http_client() as client:
        direct = client._transport

        for url in ("http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"):
            assert client._transport_for_url(httpx.URL(url)) is direct
        assert client._transport_for_url(httpx.URL("https://platform.adobe.io")) is not direct


def test_calls_and_what_adobe_owes_an_answer_to_are_counted(
    transport: AdobeTransport, adobe: ScriptedAdobe, capsys: pytest.CaptureFixture[str]
) -> None:
    adobe.script = [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(404, json={}), ok()]

    with collected():
        with pytest.raises(AdobeUserError):
            transport.request("GET", FLOWS)
        transport.request("GET", FLOWS)

    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (sum(line["AdobeCalls"]), sum(line["AdobeErrors"])) == (4, 2)
