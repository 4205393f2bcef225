from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from emulator.storage.azure_certificates import issue
from emulator.storage.entra import Entra, token_endpoint

SCOPE = "https://storage.azure.com/.default"


@pytest.fixture
def entra() -> Entra:
    return Entra()


@pytest.fixture
def client(entra: Entra, tmp_path: Path) -> Iterator[httpx.Client]:
    certificates = issue(tmp_path)
    trust = ssl.create_default_context(cafile=str(certificates.ca_file))
    with token_endpoint(entra, certificates) as url, httpx.Client(base_url=url, verify=trust) as client:
        yield client


def ask(entra: Entra, client: httpx.Client, **changes: str) -> tuple[int, dict[str, object]]:
    tenant, application, key = entra.add_service_principal()
    form = {"grant_type": "client_credentials", "client_id": application, "client_secret": key, "scope": SCOPE}
    tenant = changes.pop("tenant", tenant)
    answer = client.post(f"/{tenant}/oauth2/v2.0/token", data=form | changes)
    return answer.status_code, answer.json()


def test_a_token_names_tenant_and_application(entra: Entra, client: httpx.Client) -> None:
    status, answer = ask(entra, client)
    assert status == 200
    claims = jwt.decode(str(answer["access_token"]), options={"verify_signature": False})
    assert claims["iss"] == f"https://sts.windows.net/{entra.tenant}/"
    assert claims["tid"] == entra.tenant
    assert claims["aud"] == "https://storage.azure.com"
    assert claims["exp"] - claims["iat"] == answer["expires_in"]


@pytest.mark.parametrize(
    ("changes", "expected", "code"),
    [
        ({"client_secret": "wrong-canary"}, (401, "invalid_client"), 7000215),
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, (400, "unauthorized_client"), 700016),
        ({"tenant": "nobody"}, (400, "invalid_tenant"), 90002),
        ({"scope": "https://graph.microsoft.com/.default"}, (400, "invalid_scope"), 70011),
        ({"grant_type": "password"}, (400, "unsupported_grant_type"), 70003),
    ],
)
def test_what_entra_refuses_is_refused_in_its_words(
    entra: Entra, client: httpx.Client, changes: dict[str, str], expected: tuple[int, str], code: int
) -> None:
    status, answer = ask(entra, client, **changes)
    assert (status, answer["error"]) == expected
    assert answer["error_codes"] == [code]
    assert str(answer["error_description"]).startswith(f"AADSTS{code}: ")
    assert "canary" not in str(answer)


def test_discovery_leads_to_the_token_endpoint_of_the_same_server(entra: Entra, client: httpx.Client) -> None:
    found = client.get(f"/{entra.tenant}/v2.0/.well-known/openid-configuration").json()
    assert found["token_endpoint"] == str(client.base_url.join(f"/{entra.tenant}/oauth2/v2.0/token"))
    assert client.get("/nobody/v2.0/.well-known/openid-configuration").status_code == 400


def test_a_secret_looks_like_one_of_entras(entra: Entra) -> None:
    _, _, key = entra.add_service_principal()
    assert len(key) == 40
    assert key[3:6] == "8Q~"
