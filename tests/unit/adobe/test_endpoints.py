from __future__ import annotations

import pytest
from pydantic import ValidationError

from aep_delivery.adobe.endpoints import AdobeEndpoints


def test_adobe_is_the_default() -> None:
    endpoints = AdobeEndpoints()

    assert (endpoints.api_url, endpoints.ims_url) == ("https://platform.adobe.io", "https://ims-na1.adobelogin.com")


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.adobe.io",
        "http://127.0.0.1:8080",
        "ftp://platform.adobe.io",
        "platform.adobe.io",
        "https://",
        "https://user:pass@platform.adobe.io",
        "https://platform.adobe.io?x=1",
        "https://platform.adobe.io#x",
    ],
)
def test_anything_but_a_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        AdobeEndpoints(api_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:9", "http://[::1]:8080/"])
def test_plain_http_needs_permission_and_the_loopback_interface(url: str) -> None:
    endpoints = AdobeEndpoints(api_url=url, ims_url=url, allow_loopback_http=True)

    assert endpoints.api_url == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://10.0.0.1", "http://127.0.0.1.evil.example", "http://localhost.evil.example"])
def test_permission_for_the_loopback_interface_is_for_nothing_else(url: str) -> None:
    with pytest.raises(ValidationError):
        AdobeEndpoints(ims_url=url, allow_loopback_http=True)
