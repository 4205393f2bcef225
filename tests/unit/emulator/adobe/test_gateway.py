from __future__ import annotations

import pytest

from .conftest import Adobe


@pytest.mark.parametrize(
    ("header", "value", "status", "code"),
    [
        ("Authorization", "", 403, "403010"),
        ("Authorization", "Bearer nonsense", 401, "401013"),
        ("x-api-key", "", 403, "403000"),
        ("x-api-key", "other", 403, "403003"),
        ("x-gw-ims-org-id", "", 400, "400003"),
        ("x-gw-ims-org-id", "other@AdobeOrg", 403, "403025"),
        ("x-gw-ims-org-id", "0123456789ABCDEF01234567", 403, "403027"),
    ],
)
def test_t05_no_header_is_optional(adobe: Adobe, header: str, value: str, status: int, code: str) -> None:
    answer = adobe.get("/connections", headers={header: value})
    assert answer.status_code == status
    assert answer.json()["error_code"] == code
    assert set(answer.json()) == {"error_code", "message"}


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("x-sandbox-name", "", "FLOW-2105-400"),
        ("x-sandbox-name", "nowhere", "FLOW-2100-404"),
        ("x-sandbox-id", "7dfdcd30-0a09-11ea-8ea6-7bf93ce86c28", "FLOW-2110-400"),
    ],
)
def test_t06_the_sandbox_header_is_required_and_must_exist(adobe: Adobe, header: str, value: str, code: str) -> None:
    answer = adobe.get("/flows", headers={header: value})
    assert answer.json()["type"].endswith(f"/{code}")
    assert answer.json()["status"] == answer.status_code == int(code[-3:])


def test_a_body_needs_the_json_content_type(adobe: Adobe) -> None:
    answer = adobe.call("POST", "/connections", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "/placeholder/type/uri",
        "status": 400,
        "title": "BadRequestError",
        "detail": "A valid content-type must be specified",
    }


@pytest.mark.parametrize(
    ("content", "shape"), [(b"", "FLOW-1405-400"), (b"{", "/placeholder/type/uri"), (b"[]", "uri")]
)
def test_unusable_bodies(adobe: Adobe, content: bytes, shape: str) -> None:
    answer = adobe.call("POST", "/connections", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(shape)


def test_t11_an_unknown_path_has_no_body(adobe: Adobe) -> None:
    answer = adobe.get("/data/foundation/elsewhere")
    assert (answer.status_code, answer.content) == (404, b"")


def test_every_answer_carries_the_emulated_date(adobe: Adobe) -> None:
    assert adobe.get("/connections").headers.get_list("date") == ["Fri, 01 Jan 2027 00:00:00 GMT"]
    adobe.advance(86400)
    assert adobe.get("/nothing").headers["date"] == "Sat, 02 Jan 2027 00:00:00 GMT"
