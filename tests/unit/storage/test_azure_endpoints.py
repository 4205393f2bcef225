from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.azure_endpoints import (
    BlobEndpoint,
    blob_endpoint,
    data_lake_container,
    entra_authority,
    sas_container,
)

LOCAL = "https://127.0.0.1:10000/devstoreaccount1"
PUBLIC = BlobEndpoint(url="https://acct.blob.core.windows.net", authority="https://login.microsoftonline.com")


@pytest.mark.parametrize(
    ("address", "url", "authority"),
    [
        ("https://acct.blob.core.windows.net", PUBLIC.url, PUBLIC.authority),
        ("https://acct.blob.core.windows.net:443/", PUBLIC.url, PUBLIC.authority),
        ("https://acct.dfs.core.windows.net/", PUBLIC.url, PUBLIC.authority),
        ("https://ACCT.Blob.core.windows.net", PUBLIC.url, PUBLIC.authority),
        (
            "https://acct.blob.core.usgovcloudapi.net",
            "https://acct.blob.core.usgovcloudapi.net",
            "https://login.microsoftonline.us",
        ),
        (
            "https://acct.dfs.core.chinacloudapi.cn",
            "https://acct.blob.core.chinacloudapi.cn",
            "https://login.chinacloudapi.cn",
        ),
    ],
)
def test_azures_own_endpoints_are_taken(address: str, url: str, authority: str) -> None:
    assert blob_endpoint(address, allow_loopback=False) == BlobEndpoint(url=url, authority=authority)


@pytest.mark.parametrize(
    "address",
    [
        "http://acct.blob.core.windows.net",
        "https://acct.blob.core.windows.net.evil.example",
        "https://evil.example/acct.blob.core.windows.net",
        "https://evil.example#.blob.core.windows.net",
        "https://evil.example?.blob.core.windows.net",
        "https://evil.example\\.blob.core.windows.net",
        "https://user@acct.blob.core.windows.net",
        "https://acct@evil.example/.blob.core.windows.net",
        "https://a.b.blob.core.windows.net",
        "https://acct.queue.core.windows.net",
        "https://acct.blob.core.windows.net:8443",
        "https://acct.blob.core.windows.net:99999",
        "https://acct.blob.core.windows.net/path",
        "https://acct.blobcore.windows.net",
        "https://.blob.core.windows.net",
        "https://169.254.169.254",
        "https://[::1",
        "https://10.0.0.1/devstoreaccount1",
        "https://localhost:10000/devstoreaccount1",
        "acct.blob.core.windows.net",
        "",
        LOCAL,
    ],
)
def test_any_other_endpoint_is_refused(address: str) -> None:
    with pytest.raises(UserError) as caught:
        blob_endpoint(address, allow_loopback=False)
    assert caught.value.code == "destination.endpoint-refused"
    assert not address or address not in str(caught.value.document())


@given(st.text(max_size=40))
def test_no_host_but_azures_own_ever_comes_out(text: str) -> None:
    for address in (text, f"https://{text}", f"https://{text}.blob.core.windows.net", f"https://acct.blob.{text}"):
        try:
            found = blob_endpoint(address, allow_loopback=False)
        except UserError:
            continue
        host = found.url.removeprefix("https://")
        assert host.endswith((".blob.core.windows.net", ".blob.core.usgovcloudapi.net", ".blob.core.chinacloudapi.cn"))
        assert host.partition(".")[0].isalnum()


def test_this_machine_is_taken_where_it_is_allowed() -> None:
    assert blob_endpoint(LOCAL, allow_loopback=True) == BlobEndpoint(url=LOCAL, authority=None)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/devstoreaccount1",
        "https://127.0.0.1:1",
        "https://127.0.0.1:1/other",
        "https://127.0.0.1.evil.example/devstoreaccount1",
        "https://127.0.0.2:1/devstoreaccount1",
    ],
)
def test_of_this_machine_only_the_local_account_is_taken(address: str) -> None:
    with pytest.raises(UserError):
        blob_endpoint(address, allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://acct.blob.core.windows.net/con?sv=1&sig=canary", PUBLIC.url),
        (f"{LOCAL}/con?sv=1&sig=canary", LOCAL),
    ],
)
def test_a_landing_zones_uri_is_container_and_signature(url: str, endpoint: str) -> None:
    found = sas_container(SecretStr(url), allow_loopback=True)
    assert (found.endpoint.url, found.container) == (endpoint, "con")
    assert found.signature.get_secret_value() == "sv=1&sig=canary"
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://acct.blob.core.windows.net/con", "secret.sas-invalid"),
        ("https://acct.blob.core.windows.net/con/folder?sig=canary", "secret.sas-invalid"),
        ("https://acct.blob.core.windows.net/?sig=canary", "secret.sas-invalid"),
        ("https://evil.example/con?sig=canary", "destination.endpoint-refused"),
        ("http://acct.blob.core.windows.net/con?sig=canary", "destination.endpoint-refused"),
    ],
)
def test_another_uri_is_refused_without_its_signature(url: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        sas_container(SecretStr(url), allow_loopback=False)
    assert caught.value.code == code
    assert "canary" not in str(caught.value.document())


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("abfss://con-1@acct.dfs.core.windows.net", PUBLIC.url),
        ("abfss://con-1@acct.dfs.core.windows.net/", PUBLIC.url),
        ("abfss://con-1@127.0.0.1:10000", LOCAL),
    ],
)
def test_adobes_url_of_a_data_lake_is_read_by_the_blob_service(url: str, endpoint: str) -> None:
    found = data_lake_container(url, allow_loopback=True)
    assert (found.endpoint.url, found.container) == (endpoint, "con-1")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("abfss://con@acct.dfs.core.windows.net/folder", "secret.data-lake-url-invalid"),
        ("abfs://con@acct.dfs.core.windows.net", "secret.data-lake-url-invalid"),
        ("https://acct.dfs.core.windows.net/con", "secret.data-lake-url-invalid"),
        ("abfss://C@acct.dfs.core.windows.net", "secret.data-lake-url-invalid"),
        ("abfss://con@evil.example", "destination.endpoint-refused"),
        ("abfss://con@127.0.0.1:10000", "destination.endpoint-refused"),
        ("abfss://con@acct.dfs.core.windows.net?x", "secret.data-lake-url-invalid"),
    ],
)
def test_another_url_of_a_data_lake_is_refused(url: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        data_lake_container(url, allow_loopback=False)
    assert caught.value.code == code


def test_tokens_come_from_the_accounts_cloud_or_an_allowed_stand_in() -> None:
    assert entra_authority(None, PUBLIC, allow_loopback=False) == "https://login.microsoftonline.com"
    assert entra_authority("https://127.0.0.1:5/", PUBLIC, allow_loopback=True) == "https://127.0.0.1:5"


@pytest.mark.parametrize(
    ("authority", "endpoint", "allow"),
    [
        ("https://127.0.0.1:5", PUBLIC, False),
        ("https://evil.example", PUBLIC, True),
        ("http://127.0.0.1:5", PUBLIC, True),
        ("https://127.0.0.1:5/tenant", PUBLIC, True),
        (None, BlobEndpoint(url=LOCAL, authority=None), True),
    ],
)
def test_a_client_secret_goes_nowhere_else(authority: str | None, endpoint: BlobEndpoint, allow: bool) -> None:
    with pytest.raises(UserError) as caught:
        entra_authority(authority, endpoint, allow_loopback=allow)
    assert caught.value.code == "destination.endpoint-refused"
