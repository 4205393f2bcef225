from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError
from azure.identity import ClientSecretCredential
from azure.storage.blob import BlobServiceClient, ContainerClient, ExponentialRetry

from emulator.storage.azure import Azure, start_azure
from tests.azure_server import azure, container, shared_azure

__all__ = ["azure", "container"]

ROOT = Path(__file__).resolve().parents[4]
AT_ONCE = ExponentialRetry(retry_total=0)


def test_the_connection_string_is_one(azure: Azure, container: str) -> None:
    with BlobServiceClient.from_connection_string(azure.connection_string) as client:
        assert container in [found.name for found in client.list_containers()]
    with pytest.raises(ResourceExistsError):
        azure.create_container(container)


def test_a_signature_holds_for_its_permissions_and_time(azure: Azure, container: str) -> None:
    azure.client.get_blob_client(container, "k").upload_blob(b"x")
    with ContainerClient.from_container_url(azure.sas_url(container), retry_policy=AT_ONCE) as client:
        assert [found.name for found in client.list_blobs()] == ["k"]
    for url in (azure.sas_url(container, lifetime=-timedelta(hours=1)), azure.sas_url(container, permissions="r")):
        with (
            ContainerClient.from_container_url(url, retry_policy=AT_ONCE) as client,
            pytest.raises(HttpResponseError) as caught,
        ):
            list(client.list_blobs())
        assert caught.value.status_code == 403


def test_a_service_principal_gets_in_with_its_own_key_alone(azure: Azure, container: str) -> None:
    tenant, application, key = azure.add_service_principal()
    for secret, welcome in ((key, True), (key[:-1], False)):
        with (
            ClientSecretCredential(
                tenant, application, secret, authority=azure.authority, disable_instance_discovery=True
            ) as credential,
            ContainerClient(azure.endpoint, container, credential=credential, retry_policy=AT_ONCE) as client,
        ):
            if welcome:
                assert list(client.list_blobs()) == []
            else:
                with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
                    list(client.list_blobs())


def test_a_data_lake_is_named_as_adobe_does(azure: Azure) -> None:
    assert azure.data_lake_url("con") == f"abfss://con@{urlsplit(azure.endpoint).netloc}"


def test_nothing_secret_is_in_its_repr(azure: Azure) -> None:
    assert azure.account_key not in repr(azure)


def test_plain_http_is_not_spoken(azure: Azure) -> None:
    address = (urlsplit(azure.endpoint).hostname, urlsplit(azure.endpoint).port)
    with socket.create_connection(address, timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 2")


def test_its_certificate_stands_the_strictest_check(azure: Azure) -> None:
    context = ssl.create_default_context(cafile=str(azure.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    for url in (azure.endpoint, azure.authority):
        address = ("127.0.0.1", urlsplit(url).port or 0)
        with (
            socket.create_connection(address, timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            assert secure.version() == "TLSv1.3"


def test_it_is_gone_when_the_context_ends() -> None:
    shared_azure()  # skips where there is none
    with start_azure() as azure:
        folder = azure.ca_file.parent
        ports = [urlsplit(url).port or 0 for url in (azure.endpoint, azure.authority)]
        assert all(map(_listens, ports))
    assert not any(map(_listens, ports))
    assert not folder.exists()


def test_it_ends_when_its_starter_is_killed() -> None:
    shared_azure()
    program = (
        "import sys; from emulator.storage.azure import start_azure\n"
        "with start_azure() as azure: print(azure.endpoint, azure.ca_file.parent, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - our own words alone
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as starter:
        assert starter.stdout is not None
        endpoint, folder = starter.stdout.readline().split()
        port = urlsplit(endpoint).port or 0
        assert _listens(port)
        starter.kill()
    end = time.monotonic() + 10
    while _listens(port) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _listens(port)
    for left in Path(folder).iterdir():
        left.unlink()
    Path(folder).rmdir()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
