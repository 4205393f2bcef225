from __future__ import annotations

import io
import traceback
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from emulator.adobe.settings import AzureLandingZone, Settings
from emulator.adobe.sinks import Sinks
from emulator.adobe.sinks.azure import accepts, open_sink
from emulator.adobe.sinks.base import SinkError
from emulator.storage.azure import Azure
from tests.azure_server import azure, container

__all__ = ["azure", "container"]

CANARY = "terces-detnalp"[::-1]
WRONG_KEY = b64encode(CANARY.encode()).decode()
DATA_LAKE = "Azure Service Principal Auth"
LANDING_ZONE_SPEC = "10440537-2a7b-4583-ac39-ed38d4b848e8"
PRINCIPAL = "servicePrincipalKey"


@pytest.fixture
def settings(tmp_path: Path, azure: Azure) -> Settings:
    return Settings(lake=tmp_path, azure_ca=azure.ca_file, azure_authority=azure.authority)


@pytest.fixture
def lake_auth(azure: Azure, container: str) -> dict[str, Any]:
    tenant, application, key = azure.add_service_principal()
    url = azure.data_lake_url(container)
    return {"url": url, "tenant": tenant, "servicePrincipalId": application, PRINCIPAL: key}


def content(azure: Azure, container: str, key: str) -> bytes:
    found = azure.client.get_blob_client(container, key).download_blob().readall()
    assert isinstance(found, bytes)
    return found


@pytest.mark.parametrize("auth", ["ConnectionString", "Azure Blob"])
def test_a_connection_string_writes_and_overwrites(azure: Azure, container: str, settings: Settings, auth: str) -> None:
    params = {"connectionString": azure.connection_string}
    assert accepts(auth, params, settings)
    sink = open_sink(auth, params, {"container": container, "path": "x"}, settings)
    sink.put("a/ü 1.csv", b"first")
    file = io.BytesIO(b"-second")
    file.seek(1)
    sink.put("a/ü 1.csv", file)
    assert content(azure, container, "a/ü 1.csv") == b"second"
    assert not file.closed


def test_a_service_principal_writes_where_its_url_says(
    azure: Azure, container: str, settings: Settings, lake_auth: dict[str, Any]
) -> None:
    assert accepts(DATA_LAKE, lake_auth, settings)
    open_sink(DATA_LAKE, lake_auth, {"path": "x"}, settings).put("k", b"data")
    assert content(azure, container, "k") == b"data"


def test_adobe_writes_into_its_landing_zone(azure: Azure, container: str, settings: Settings, tmp_path: Path) -> None:
    zone = AzureLandingZone(azure.account, container, azure.endpoint, azure.account_key)
    sinks = Sinks(Settings(lake=tmp_path, azure_ca=azure.ca_file, landing_zone=zone))
    assert sinks.accepts(LANDING_ZONE_SPEC, {})
    sinks.open(LANDING_ZONE_SPEC, {}, {"path": "x"}).put("k", b"data")
    assert content(azure, container, "k") == b"data"


def test_a_wrong_key_is_refused(azure: Azure, container: str, settings: Settings) -> None:
    params = {"connectionString": azure.connection_string.replace(azure.account_key, WRONG_KEY)}
    assert not accepts("ConnectionString", params, settings)
    _refused(lambda: open_sink("ConnectionString", params, {"container": container}, settings).put("k", b"x"))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (PRINCIPAL, CANARY, "AADSTS7000215"),
        ("servicePrincipalId", "11111111-1111-1111-1111-111111111111", "AADSTS700016"),
        ("tenant", "22222222-2222-2222-2222-222222222222", "ClientAuthenticationError"),
    ],
)
def test_a_service_principal_that_entra_refuses_is_refused(
    settings: Settings, lake_auth: dict[str, Any], field: str, value: str, code: str
) -> None:
    wrong = lake_auth | {field: value}
    assert not accepts(DATA_LAKE, wrong, settings)
    error = _refused(lambda: open_sink(DATA_LAKE, wrong, {}, settings).put("k", b"x"))
    assert error.code == code


@pytest.mark.parametrize(
    ("auth", "params"),
    [
        ("ConnectionString", {"connectionString": CANARY}),
        ("Access Key", {}),
        (DATA_LAKE, {"url": "abfss://nothing", "tenant": "t", "servicePrincipalId": "i", PRINCIPAL: CANARY}),
        (DATA_LAKE, {"url": "abfss://con@acct", "tenant": "a/b", "servicePrincipalId": "i", PRINCIPAL: CANARY}),
    ],
)
def test_what_is_no_credential_is_refused(settings: Settings, auth: str, params: dict[str, Any]) -> None:
    assert not accepts(auth, params, settings)
    _refused(lambda: open_sink(auth, params, {"container": "con"}, settings))


def test_a_real_key_is_accepted_also_where_its_container_is_missing(azure: Azure, settings: Settings) -> None:
    params = {"connectionString": azure.connection_string}
    assert accepts("ConnectionString", params, settings)
    error = _refused(lambda: open_sink("ConnectionString", params, {"container": "not-there"}, settings).put("k", b"x"))
    assert error.code == "ContainerNotFound"
    assert "not-there" in str(error)


def _refused(call: Any) -> SinkError:
    with pytest.raises(SinkError) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown
    assert WRONG_KEY not in shown
    return caught.value
