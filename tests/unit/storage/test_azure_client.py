from __future__ import annotations

import io
import logging
import traceback
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from azure.storage.blob import ContainerClient
from pydantic import SecretStr

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.azure import AzureReader
from aep_delivery.storage.azure_cleaner import AzureCleaner
from aep_delivery.storage.azure_client import (
    container_by_connection_string,
    container_by_sas,
    container_by_service_principal,
)
from emulator.storage.azure import Azure
from tests.azure_server import azure, container

__all__ = ["azure", "container"]

# Turned round, because stack traces show lines of this file.
CANARY = "terces-detnalp"[::-1]
WRONG_KEY = b64encode(CANARY.encode()).decode()


def by_connection_string(azure: Azure, container: str) -> ContainerClient:
    return container_by_connection_string(SecretStr(azure.connection_string), container, allow_loopback=True)


def by_sas(azure: Azure, container: str) -> ContainerClient:
    return container_by_sas(SecretStr(azure.sas_url(container)), allow_loopback=True)


def by_service_principal(azure: Azure, container: str) -> ContainerClient:
    return _principal(azure, container, *azure.add_service_principal())


def _principal(azure: Azure, container: str, tenant: str, client_id: str, secret: str) -> ContainerClient:
    return container_by_service_principal(
        azure.data_lake_url(container),
        tenant=tenant,
        client_id=client_id,
        client_secret=SecretStr(secret),
        authority=azure.authority,
        allow_loopback=True,
    )


@pytest.mark.parametrize("way", [by_connection_string, by_sas, by_service_principal])
def test_each_credential_lists_reads_and_deletes(
    azure: Azure, container: str, way: Callable[[Azure, str], ContainerClient]
) -> None:
    azure.client.get_blob_client(container, "a/ü 1.json").upload_blob(b"content")
    with way(azure, container) as client:
        reader = AzureReader(client)
        (found,) = reader.list_objects("a/")
        assert reader.stat(found.key) == found
        assert b"".join(reader.stream(found.key, etag=found.etag)) == b"content"
        assert AzureCleaner(client).delete_objects([found.key]) == 1
        assert list(reader.list_objects("")) == []


def wrong_key(azure: Azure) -> ContainerClient:
    text = azure.connection_string.replace(azure.account_key, WRONG_KEY)
    return container_by_connection_string(SecretStr(text), "con", allow_loopback=True)


def expired(azure: Azure) -> ContainerClient:
    return container_by_sas(SecretStr(azure.sas_url("con", lifetime=timedelta(hours=-1))), allow_loopback=True)


def forged(azure: Azure) -> ContainerClient:
    return container_by_sas(SecretStr(f"{azure.endpoint}/con?sv=2021-08-06&sp=rl&sig={CANARY}"), allow_loopback=True)


def wrong_secret(azure: Azure) -> ContainerClient:
    tenant, client_id, _ = azure.add_service_principal()
    return _principal(azure, "con", tenant, client_id, CANARY)


def unknown_application(azure: Azure) -> ContainerClient:
    tenant, _, _ = azure.add_service_principal()
    return _principal(azure, "con", tenant, "11111111-1111-1111-1111-111111111111", CANARY)


def unknown_tenant(azure: Azure) -> ContainerClient:
    _, client_id, _ = azure.add_service_principal()
    return _principal(azure, "con", "22222222-2222-2222-2222-222222222222", client_id, CANARY)


@pytest.mark.parametrize(
    ("way", "codes", "message"),
    [
        # Azurite answers a wrong signature as if a firewall had: Azure itself says AuthenticationFailed.
        (wrong_key, {"storage.access-denied", "storage.credentials-rejected"}, "credential"),
        (expired, {"storage.access-denied", "storage.credentials-rejected"}, "credential"),
        (forged, {"storage.access-denied", "storage.credentials-rejected"}, "credential"),
        (wrong_secret, {"storage.credentials-rejected"}, "servicePrincipalKey is wrong"),
        (unknown_application, {"storage.credentials-rejected"}, "servicePrincipalId is no application"),
        (unknown_tenant, {"storage.credentials-rejected"}, "tenant does not exist"),
    ],
)
def test_a_refused_credential_is_told_at_once_and_nowhere_shown(
    azure: Azure,
    caplog: pytest.LogCaptureFixture,
    way: Callable[[Azure], ContainerClient],
    codes: set[str],
    message: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with way(azure) as client:
        reader = AzureReader(client)
        calls: list[Callable[[], object]] = [
            lambda: list(reader.list_objects("")),
            lambda: reader.stat("k"),
            lambda: reader.read_range("k", 0, 1, etag='"e"'),
            lambda: list(reader.stream("k", etag='"e"')),
            lambda: AzureCleaner(client).delete_objects(["k"]),
        ]
        for call in calls:
            error = _caught(call)
            assert isinstance(error, UserError)
            assert error.code in codes or error.code == "storage.not-deleted"
            assert message in error.message or error.code == "storage.not-deleted"
            _nothing_shows((CANARY, WRONG_KEY), error, repr(client), repr(reader), caplog.text)


@pytest.mark.parametrize("way", [by_connection_string, by_sas, by_service_principal])
def test_nothing_secret_is_logged_or_shown_where_all_goes_well_or_the_connection_fails(
    azure: Azure,
    container: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[Azure, str], ContainerClient],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("time.sleep", lambda _: None)
    sent: list[requests.PreparedRequest] = []
    original = requests.adapters.HTTPAdapter.send

    def watched(self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: object) -> object:
        sent.append(request)
        return original(self, request, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", watched)
    with way(azure, container) as client:
        reader = AzureReader(client)
        assert list(reader.list_objects("")) == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
        monkeypatch.setenv("CURL_CA_BUNDLE", "")
        before = len(sent)
        error = _caught(lambda: list(reader.list_objects("")))
    assert isinstance(error, UserError)
    assert error.code == "storage.certificate-untrusted"
    assert "REQUESTS_CA_BUNDLE" in (error.hint or "")
    assert len(sent) == before + 1, "waiting makes nobody trust a certificate"
    secrets = {azure.account_key}
    for request in sent:
        query = parse_qs(urlsplit(request.url or "").query)
        secrets.update(query.get("sig", []), [str(request.headers.get("Authorization", ""))])
        secrets.update(parse_qs(str(request.body)).get("client_secret", []))
    secrets.discard("")
    assert len(secrets) >= 2
    _nothing_shows(tuple(secrets), error, repr(client), repr(reader), caplog.text)


@pytest.mark.parametrize(
    "make",
    [
        lambda: container_by_connection_string(SecretStr(f"AccountName=acct;AccountKey={WRONG_KEY}"), "con"),
        lambda: container_by_sas(SecretStr("https://acct.blob.core.windows.net/con?sig=x")),
    ],
)
def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch, make: Callable[[], ContainerClient]) -> None:
    hosts: list[str | None] = []

    def elsewhere(_: object, request: requests.PreparedRequest, **__: object) -> requests.Response:
        hosts.append(urlsplit(request.url or "").hostname)
        answer = requests.Response()
        answer.status_code, answer.raw, answer.request = 302, io.BytesIO(), request
        answer.headers["Location"] = "https://evil.example/con"
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", elsewhere)
    with make() as client:
        error = _caught(lambda: AzureReader(client).stat("k"))
    assert isinstance(error, InternalError)
    assert hosts == ["acct.blob.core.windows.net"]


def test_loopback_is_refused_unless_it_is_allowed(azure: Azure) -> None:
    tenant, client_id, secret = azure.add_service_principal()
    makes: list[Callable[[], object]] = [
        lambda: container_by_connection_string(SecretStr(azure.connection_string), "con"),
        lambda: container_by_sas(SecretStr(azure.sas_url("con"))),
        lambda: container_by_service_principal(
            azure.data_lake_url("con"), tenant=tenant, client_id=client_id, client_secret=SecretStr(secret)
        ),
        lambda: container_by_service_principal(
            "abfss://con@acct.dfs.core.windows.net",
            tenant=tenant,
            client_id=client_id,
            client_secret=SecretStr(secret),
            authority=azure.authority,
        ),
    ]
    for make in makes:
        error = _caught(make)
        assert error.code == "destination.endpoint-refused"
        _nothing_shows((azure.account_key, secret), error)


def test_a_tenant_that_can_be_none_is_refused() -> None:
    with ExitStack() as stack, pytest.raises(UserError, match="malformed"):
        stack.enter_context(
            container_by_service_principal(
                "abfss://con@acct.dfs.core.windows.net",
                tenant="no/tenant",
                client_id="x",
                client_secret=SecretStr("x"),
            )
        )


def test_entra_that_does_not_answer_is_transient(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    tenant, client_id, secret = azure.add_service_principal()
    with container_by_service_principal(
        azure.data_lake_url("con"),
        tenant=tenant,
        client_id=client_id,
        client_secret=SecretStr(secret),
        authority="https://127.0.0.1:9",
        allow_loopback=True,
    ) as client:
        error = _caught(lambda: AzureReader(client).stat("k"))
    assert isinstance(error, TransientError)
    _nothing_shows((secret,), error)


def _caught(call: Callable[[], object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        call()
    return caught.value


def _nothing_shows(canaries: tuple[str, ...], error: DeliveryError, *texts: str) -> None:
    shown = "\n".join((*texts, *traceback.format_exception(error), repr(error), error.document().model_dump_json()))
    for canary in canaries:
        assert canary not in shown
