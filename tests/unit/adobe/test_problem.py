from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.problem import AdobeProblem, parse_problem

ETAG_TEXT = 'Supplied version=["a"] does not match the current version on entity=["b"]'

SHAPES = {
    "A": (403, {"error_code": "403010", "message": "Oauth token is missing"}, "403010", "Oauth token is missing"),
    "A-number": (
        401,
        {"error_code": 401013, "message": "Oauth token is not valid"},
        "401013",
        "Oauth token is not valid",
    ),
    "B": (412, {"errorMessage": ETAG_TEXT, "errorDetails": ETAG_TEXT}, None, ETAG_TEXT),
    "B-short": (404, {"errorMessage": "flows not found with id = [x]"}, None, "flows not found with id = [x]"),
    "C": (400, {"message": "Please provide a valid spec id"}, None, "Please provide a valid spec id"),
    "D": (
        404,
        {
            "type": "https://ns.adobe.com/aep/errors/FLOW-1439-404",
            "title": "Resource not found",
            "status": 404,
            "report": {"detailed-message": "no such flow", "id": "x", "request-id": "req-1", "type": "flows"},
            "errorMessage": "older words",
            "errorDetails": "older words",
        },
        "FLOW-1439-404",
        "no such flow",
    ),
    "E": (
        400,
        {
            "type": "/placeholder/type/uri",
            "status": 400,
            "title": "BadRequestError",
            "detail": "A valid content-type must be specified",
        },
        None,
        "A valid content-type must be specified",
    ),
    "F": (
        400,
        {"message": "Following order ID(s) are not ready for dataset export"},
        None,
        "Following order ID(s) are not ready for dataset export",
    ),
    "G": (
        400,
        {"error": "invalid_client", "error_description": "invalid client_secret parameter"},
        "invalid_client",
        "invalid client_secret parameter",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_t11_each_shape_is_read(shape: str) -> None:
    status, body, code, message = SHAPES[shape]

    problem = parse_problem(httpx.Response(status, json=body, headers={"x-request-id": "header-id"}))

    assert problem == AdobeProblem(
        shape=shape[0],
        http_status=status,
        code=code,
        message=message,
        request_id="req-1" if shape == "D" else "header-id",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Bad gateway</body></html>",
        b'[{"message": "in a list"}]',
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b"{",
        b"{}",
        b'{"message": null, "error_code": {"x": 1}, "report": 3}',
        b"[" * 100_000,
    ],
)
def test_t11_an_unreadable_body_is_shape_h_and_not_quoted(content: bytes) -> None:
    problem = parse_problem(httpx.Response(502, content=content))

    assert problem.shape == "H"
    assert problem.message == "Adobe answered 502 Bad Gateway without a readable error."
    assert problem.code is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "title", "error", "error_code", "message", "errorMessage", "report", "request-id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values, st.integers(400, 599))
def test_t11_no_json_crashes_the_reader(body: object, status: int) -> None:
    problem = parse_problem(httpx.Response(status, json=body))

    assert problem.http_status == status
    assert problem.message


def test_what_adobe_quotes_of_our_secrets_is_masked() -> None:
    response = httpx.Response(400, json={"message": "s3SecretKey 'canary-secret' does not match"})

    assert "canary-secret" not in repr(parse_problem(response, secrets=["canary-secret"]))


def test_a_problem_reads_as_support_asks_for_it() -> None:
    problem = AdobeProblem(shape="D", http_status=404, code="FLOW-1439-404", message="gone", request_id="r1")

    assert str(problem) == "gone (HTTP 404, FLOW-1439-404, request r1)"
