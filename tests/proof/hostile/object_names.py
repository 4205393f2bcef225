"""Names of objects and lines of manifests that mean something somewhere else, and some hundreds made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

NAMES = (
    *(
        "a\nb",
        "a\r\nINFO verified",
        "a\tb",
        "\x1b[2J",
        "\x1b]0;owned\x07",
        "\x1b]8;;http://evil.example\x07a",
        "\x9b31m",
        "\0",
    ),
    *(
        "..",
        ".",
        "",
        " ",
        "/",
        "a/../b",
        "../../etc/passwd",
        "/etc/passwd",
        "\\..\\..\\a",
        "C:\\a",
        "//a//b",
        "a/./b",
        "~/a",
    ),
    *(
        "%2e%2e%2f",
        "%00",
        "%0d%0aSet-Cookie:a",
        "%252e",
        "a+b",
        "a?b#c",
        "a&b=c",
        "a;b",
        "a|b",
        "a>b",
        "$(id)",
        "`id`",
        "'a",
        '"a',
    ),
    *(
        "<script>alert(1)</script>",
        "</style></script><img src=x onerror=alert(1)>",
        "]]>",
        "<!--",
        "&lt;b&gt;",
        "javascript:a",
    ),
    *(
        "{{ 7 * 191 }}",
        "{% raw %}",
        "${a}",
        "[red]a[/red]",
        "[link=http://evil.example]a[/link]",
        "%s%n",
        "{0}",
        "{a.__class__}",
    ),
    *(
        "\u202egpj.exe",
        "a\u2066b\u2069",
        "\u200bhidden",
        "\ufeffa",
        "\u2028a",
        "\u2029a",
        "\x85a",
        "a\u0301",
        "\u00e1",
        "\u212b",
    ),
    *(
        "\u0440\u0430rt-0",
        "part\u20110",
        "\uff0e\uff0e\uff0f",
        "\U0001f600",
        "\U000e0041",
        "\ufffe",
        "I\u0307",
        "\u01c5",
        "n" * 900,
    ),
    *(
        "-rf",
        "--help",
        "*",
        "?",
        "[a-z]",
        "CON",
        "NUL",
        ".DS_Store",
        "_SUCCESS",
        "manifest-a-r1.json",
        "\u05e8\u05db\u05d1",
    ),
)
LONGEST_KEY = 1_024
"""Bytes (Amazon S3: Object key names)."""


def hostile_names(seed: int, number: int) -> Iterator[str]:
    """Each name, and then mixtures of them."""
    random = Random(seed)  # noqa: S311 - the same every time
    yield from NAMES[:number]
    for _ in range(number - len(NAMES)):
        yield random.choice(("", "-", "/", "\u0301")).join(random.choice(NAMES) for _ in range(random.choice((2, 3))))


def as_key(folder: str, name: str, suffix: str) -> str:
    """A key as a storage may give it, no longer than one may be."""
    room = LONGEST_KEY - len(f"{folder}/part-{suffix}".encode())
    return f"{folder}/part-{name.encode()[:room].decode('utf-8', 'ignore')}{suffix}"


_ODD_SIZES = ("-1", "NaN", "1e400", "1.5", "9" * 30, "9" * 5_000, "null", "true", '"1"', "[]", "-0", "1E2", "0x10")
_WHOLE = (
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b'"a"',
        b"{}",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{}",
        b"<html>",
        b"\x1f\x8b",
        b"{}{}",
        b"NaN",
    ),
    *(
        b"[" * 100_000,
        b'{"exportResults":' * 20_000,
        b'{"exportResults":null}',
        b'{"exportResults":{}}',
        b'{"exportResults":[[]]}',
    ),
    b'{"exportResults":[' + b'{"name":"a","size":1},' * 150_000 + b'{"name":"a","size":1}]}',
    b'{"exportResults":[],"exportResults":[{"name":"part-0.json","size":1}]}',
    b'{"flowRunId":"r1","exportResults":[{"name":"a\\ud800","size":1}]}',
    b'{"flowRunId":"../../r2","exportResults":[]}',
    b'{"flowRunId":1,"exportResults":[]}',
)


def hostile_manifests(seed: int, number: int) -> Iterator[bytes]:
    """Manifests that are none, and such that list what is not there, elsewhere, or impossible."""
    random = Random(seed)  # noqa: S311 - the same every time
    yield from _WHOLE
    for size in _ODD_SIZES:
        yield f'{{"flowRunId":"r1","exportResults":[{{"name":"part-0.json","size":{size}}}]}}'.encode()
    for name in (*NAMES, "n" * 5_000):
        yield _manifest(name, random.choice(NAMES))
    for _ in range(number - len(_WHOLE) - len(_ODD_SIZES) - len(NAMES) - 1):
        yield _manifest(*(random.choice(NAMES) for _ in range(random.choice((2, 4, 8)))))


def _manifest(*names: str) -> bytes:
    sinks = (
        "",
        "/exports/d1",
        "../../other",
        "s3://other-bucket/exports",
        "https://169.254.169.254/",
        "\x1b[2J",
        "exports",
    )
    lines: list[dict[str, Any]] = [
        {"name": name, "size": len(name), "sinkPath": sinks[(len(name) + place) % len(sinks)]}
        for place, name in enumerate(names)
    ]
    return json.dumps({"flowRunId": "r1", "exportResults": lines}).encode()
