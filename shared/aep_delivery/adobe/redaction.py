"""Keeping secrets out of whatever Adobe's answers and our requests are shown in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

from pydantic import JsonValue, SecretStr

MASK = "***"

_SECRET_KEYS = frozenset(
    {
        "access_token",
        "accessid",
        "accesskeyid",
        "authorization",
        "awsaccesskeyid",
        "awssecretaccesskey",
        "awssessiontoken",
        "client_secret",
        "connectionstring",
        "password",
        "s3accesskey",
        "s3secretkey",
        "sastoken",
        "sasuri",
        "secretaccesskey",
        "secretkey",
        "serviceprincipalkey",
        "sshkey",
    }
)
_BEARER = re.compile(r"(?i)\bbearer\s+[^\s\"',]+")
_JSON_WEB_TOKEN = re.compile(r"\beyJ[\w-]+(?:\.[\w-]+){1,2}")
_SHORTEST = 4
"""A shorter value (a port, an empty field) would mask half of any sentence."""
_LONGEST = 500
"""Characters that are repeated."""
_SEARCHED = 16 * _LONGEST
"""Characters that are searched for what looks like a token: where many do, that takes the square of them."""


def redact(value: JsonValue) -> JsonValue:
    """A JSON value with all credentials masked.

    Adobe answers ``auth.params`` masked, in part or in full, depending on the destination; nothing of it is kept.

    Args:
        value: What Adobe answered.

    Returns:
        A copy; everything below ``auth.params`` and every string under the name of a credential is ``***``.
    """
    if isinstance(value, list):
        return [redact(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _redact_member(key, member) for key, member in value.items()}


def _redact_member(key: str, member: JsonValue) -> JsonValue:
    if key == "auth" and isinstance(member, dict):
        return {name: MASK if name == "params" else redact(inner) for name, inner in member.items()}
    if key.lower() in _SECRET_KEYS and isinstance(member, str):
        return MASK
    return redact(member)


def scrub(text: str, secrets: Collection[str] = ()) -> str:
    """A sentence without the secrets it may quote.

    Args:
        text: What Adobe says; its validation messages quote the offending value.
        secrets: The values that were sent along.

    Returns:
        The text with each of them, and anything that looks like a token, as ``***``; of a long one the beginning.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            for spelling in {secret, quote(secret, safe=""), quote(secret)}:
                text = text.replace(spelling, MASK)
    return _JSON_WEB_TOKEN.sub(MASK, _BEARER.sub(f"Bearer {MASK}", text[:_SEARCHED]))


def quotable(text: str, secrets: Collection[str] = ()) -> str:
    """What the other side says, as a message of ours may repeat it.

    Args:
        text: Its words, of any length.
        secrets: The values that were sent along.

    Returns:
        One line of at most 500 characters, without secrets and without characters that a terminal would obey.
    """
    line = " ".join(scrub(text, secrets).split())
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)[:_LONGEST]


def secrets_in(body: object) -> Iterator[str]:
    """The credentials a request body carries: ``auth.params`` of a connection, ``value`` of a patch of ``/auth``.

    Args:
        body: The body as it is sent, or a part of it.

    Yields:
        Every string among them.
    """
    if isinstance(body, list):
        for item in body:
            yield from secrets_in(item)
    elif isinstance(body, Mapping):
        if isinstance(auth := body.get("auth"), Mapping):
            yield from _strings(auth.get("params"))
        if str(body.get("path", "")).startswith("/auth"):
            yield from _strings(body.get("value"))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
