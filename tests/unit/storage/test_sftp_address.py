from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.storage.sftp_address import addresses_of, is_remote


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_of_this_machine_are_not_remote(address: str) -> None:
    assert not is_remote(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "93.184.216.34", "2606:2800::1", "fd00::1", "64:ff9b::5db8:d822"]
)
def test_addresses_of_other_machines_are_remote(address: str) -> None:
    assert is_remote(address)


def resolve(host: str, *, allow_loopback: bool = False) -> list[str]:
    return asyncio.run(addresses_of(host, 22, allow_loopback=allow_loopback))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, list[str] | Exception]], None]:
    def know(table: dict[str, list[str] | Exception]) -> None:
        def lookup(host: str, port: int, *args: object, **kwargs: object) -> list[object]:
            found = table[host]
            if isinstance(found, Exception):
                raise found
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    return know


def test_a_name_is_as_good_as_the_address_behind_it(names: Callable[..., None]) -> None:
    names({"good": ["93.184.216.34", "10.0.0.1"], "bad": ["127.0.0.1"], "mixed": ["93.184.216.34", "169.254.169.254"]})
    assert resolve("good") == ["93.184.216.34", "10.0.0.1"]
    for host in ("bad", "mixed"):
        with pytest.raises(UserError) as caught:
            resolve(host)
        assert (caught.value.code, caught.value.place) == ("destination.endpoint-refused", f"sftp://{host}:22")
    assert resolve("bad", allow_loopback=True) == ["127.0.0.1"]


@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f.1", "localhost"])
def test_a_spelling_of_loopback_is_refused(spelling: str) -> None:
    with pytest.raises(UserError) as caught:
        resolve(spelling)
    assert caught.value.code == "destination.endpoint-refused"


def test_an_unknown_name_is_the_users_to_mend_and_a_silent_resolver_is_not(names: Callable[..., None]) -> None:
    names(
        {
            "unknown": socket.gaierror(socket.EAI_NONAME, "no"),
            "later": socket.gaierror(socket.EAI_AGAIN, "later"),
            "x" * 70: UnicodeError("label too long"),
        }
    )
    for host in ("unknown", "x" * 70):
        with pytest.raises(UserError) as caught:
            resolve(host)
        assert caught.value.code == "destination.host-unknown"
    with pytest.raises(TransientError):
        resolve("later")
