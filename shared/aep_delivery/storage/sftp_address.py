"""Where an SFTP server may be: never on the machine that reads, nor on the network link it shares with its host."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from aep_delivery.runtime.errors import TransientError, UserError

_NAT64 = int(IPv6Address("64:ff9b::")) >> 32
"""Below this prefix an IPv6 address is an IPv4 address (RFC 6052)."""


async def addresses_of(host: str, port: int, *, allow_loopback: bool) -> list[str]:
    """The addresses to connect to, in the order to try them.

    The name is resolved here and the connection made to what is returned, so that a name cannot pass the test with one
    address and be connected to at another.

    Args:
        host: A name or an address.
        port: The server's port, for the place of an error.
        allow_loopback: Whether the machine itself will do: for tests alone.

    Raises:
        UserError: ``destination.endpoint-refused`` where any of the addresses is not a remote one;
            ``destination.host-unknown`` where there is no such name.
        TransientError: Names cannot be resolved just now.
    """
    place = f"sftp://{host}:{port}"
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        if getattr(error, "errno", None) == socket.EAI_AGAIN:
            raise TransientError(
                "The server's name could not be resolved.", code="storage.connection-failed", place=place
            ) from error
        raise UserError(
            "There is no server of this name.",
            code="destination.host-unknown",
            hint="Check domain (or host) in the secret the config names.",
            place=place,
        ) from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    if not allow_loopback and not all(is_remote(address) for address in addresses):
        raise UserError(
            "The server's name leads to this machine or its own link; files are read from remote servers only.",
            code="destination.endpoint-refused",
            hint="Check domain (or host) in the secret the config names.",
            place=place,
        )
    return addresses


def is_remote(address: str) -> bool:
    """False for loopback, link-local, unspecified, multicast and reserved addresses, in whichever disguise."""
    plain = _disguised(ip_address(address.partition("%")[0]))
    return not (
        plain.is_loopback or plain.is_link_local or plain.is_unspecified or plain.is_multicast or plain.is_reserved
    )


def _disguised(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if int(address) >> 32 == _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
