from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Adobe, fetch_token, token_form


@pytest.mark.parametrize("path", ["/ims/token/v3", "/ims/token/v2"])
def test_t01_a_token_names_its_lifetime_in_seconds(start_adobe: Callable[..., Adobe], path: str) -> None:
    adobe = start_adobe(token_lifetime=86399)
    answer = adobe.http.post(path, data=token_form())
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 86399
    assert answer.json()["access_token"].startswith("eyJ")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "invalid_client"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"scope": "openid,everything"}, 400, "invalid_scope"),
        ({"grant_type": "jwt"}, 400, "unsupported_grant_type"),
    ],
)
def test_t13_wrong_credentials_answer_in_imss_own_shape(
    adobe: Adobe, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = adobe.http.post("/ims/token/v3", data=token_form(**changes))
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}


def test_t02_credentials_in_the_query_string_are_rejected(adobe: Adobe) -> None:
    answer = adobe.http.post("/ims/token/v3", params=token_form(), data=token_form())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    logged = adobe.requests()[-1]
    assert token_form()["client_secret"] not in str(logged)


def test_a_json_body_is_rejected(adobe: Adobe) -> None:
    assert adobe.http.post("/ims/token/v3", json=token_form()).status_code == 400


def test_scopes_may_also_be_separated_by_spaces(adobe: Adobe) -> None:
    assert adobe.http.post("/ims/token/v3", data=token_form(scope="openid AdobeID")).status_code == 200


def test_t03_a_token_expires_by_the_emulated_clock(start_adobe: Callable[..., Adobe]) -> None:
    adobe = start_adobe(token_lifetime=60)
    assert adobe.get("/connections").status_code == 200
    adobe.advance(60)
    answer = adobe.get("/connections")
    assert (answer.status_code, answer.json()["error_code"]) == (401, "401013")
    adobe.headers["Authorization"] = f"Bearer {fetch_token(adobe.http)}"
    assert adobe.get("/connections").status_code == 200


def test_several_secrets_may_be_active(start_adobe: Callable[..., Adobe]) -> None:
    adobe = start_adobe(client_secrets=("old", token_form()["client_secret"]))
    assert adobe.http.post("/ims/token/v3", data=token_form(client_secret="old")).status_code == 200


def test_revoked_tokens_are_not_valid(adobe: Adobe) -> None:
    assert adobe.post("/_emulator/tokens/revoke").json() == {"revoked": 1}
    assert adobe.get("/connections").status_code == 401
