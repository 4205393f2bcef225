from __future__ import annotations

import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.azure_connection_string import ConnectionString, parse_connection_string

KEY = "Y2FuYXJ5a2V5Cg=="


def parse(text: str, *, allow_loopback: bool = False) -> ConnectionString:
    return parse_connection_string(SecretStr(text), allow_loopback=allow_loopback)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.windows.net",
            "https://acct.blob.core.windows.net",
        ),
        (f"AccountName=acct;AccountKey={KEY}", "https://acct.blob.core.windows.net"),
        (
            f" defaultendpointsprotocol=HTTPS; accountname=acct ;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn;",
            "https://acct.blob.core.chinacloudapi.cn",
        ),
        (
            f"AccountName=acct;AccountKey={KEY};BlobEndpoint=https://acct.blob.core.windows.net/",
            "https://acct.blob.core.windows.net",
        ),
    ],
)
def test_the_portals_forms_are_read(text: str, url: str) -> None:
    parsed = parse(text)
    assert (parsed.endpoint.url, parsed.account) == (url, "acct")
    assert parsed.key is not None
    assert parsed.key.get_secret_value() == KEY
    assert parsed.signature is None
    assert KEY not in repr(parsed)


def test_a_signature_stands_in_for_the_key() -> None:
    parsed = parse("BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=?sv=1&sig=canary%3D")
    assert parsed.signature is not None
    assert parsed.signature.get_secret_value() == "sv=1&sig=canary%3D"
    assert parsed.key is None


def test_this_machine_is_taken_where_it_is_allowed() -> None:
    text = f"AccountName=devstoreaccount1;AccountKey={KEY};BlobEndpoint=https://127.0.0.1:1/devstoreaccount1;"
    assert parse(text, allow_loopback=True).endpoint.url == "https://127.0.0.1:1/devstoreaccount1"
    with pytest.raises(UserError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"DefaultEndpointsProtocol=http;AccountName=acct;AccountKey={KEY}",
        f"AccountName=acct;AccountKey={KEY};EndpointSuffix=evil.example",
        f"AccountName=acct;AccountKey={KEY};BlobEndpoint=https://evil.example",
        f"AccountName=evil.example/;AccountKey={KEY}",
        f"AccountName=evil.example#;AccountKey={KEY}",
    ],
)
def test_another_endpoint_is_refused(text: str) -> None:
    _refused(text, "destination.endpoint-refused")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UseDevelopmentStorage=true",
        f"AccountKey={KEY}",
        "AccountName=acct",
        f"AccountName=acct;AccountKey={KEY};SharedAccessSignature=sig=x",
        f"AccountName=acct;AccountKey={KEY};{KEY.strip('=')}",
        "AccountName=acct;AccountKey=canary!",
    ],
)
def test_what_is_none_is_told_without_showing_it(text: str) -> None:
    _refused(text, "secret.connection-string-invalid")


def _refused(text: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    assert caught.value.code == code
    shown = str(caught.value.document())
    assert KEY.strip("=") not in shown
    assert "canary" not in shown
    assert "evil" not in shown
