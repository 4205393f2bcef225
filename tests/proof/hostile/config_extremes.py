"""Configs as large as they may be, each made to take as much time and memory as it can, and what refuses it."""

from __future__ import annotations

KIB_256 = 256 * 1024


def _filled(before: bytes, piece: bytes, after: bytes = b"") -> bytes:
    """As many pieces as a config has room for."""
    return before + piece * ((KIB_256 - len(before) - len(after)) // len(piece)) + after


def _numbered(template: bytes) -> bytes:
    lines, size = [], 0
    for number in range(KIB_256):
        line = template.replace(b"#", b"%d" % number)
        size += len(line)
        if size > KIB_256 or number > 9_900:
            break
        lines.append(line)
    return b"".join(lines)


EXTREMES: dict[str, tuple[bytes, str]] = {
    "one byte too many": (b"#" * (KIB_256 + 1), "config.too-large"),
    "nothing but comments": (_filled(b"", b"#\n"), "config.empty"),
    "tags": (_filled(b"x:\n", b"- !a b\n"), "config.tag"),
    "aliases": (_filled(b"x: [&a b, ", b"*a ,", b"]"), "config.alias"),
    "anchors": (_numbered(b"- &a# x\n"), "config.alias"),
    "doubling": (b"".join(b"l%d: &l%d [*l%d, *l%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 7_500)), "config.alias"),
    "values": (_filled(b"x:\n", b"- b\n"), "config.too-many-nodes"),
    "one field given often": (b"version: 1\n" * 9_900, "config.missing-field"),
    "fields that are lists": (b"x:\n" + b"? [a]\n: b\n" * 5_000, "config.missing-field"),
    "unknown fields": (_numbered(b"k#: 1\n"), "config.missing-field"),
    "fields like a known one": (_numbered(b"destinatio#: 1\n"), "config.missing-field"),
    "fields without a value": (_numbered(b"k#:\n"), "config.missing-field"),
    "a section without its indentation": (b"destination:\n" + b"type: a\n" * 9_000, "config.missing-field"),
    "a long name": (b'? "' + b"a" * 250_000 + b'"\n: 1\n', "config.missing-field"),
    "a long value for a short list": (_filled(b"version: 1\ndrift: ", b"repor"), "config.missing-field"),
    "a number of many digits": (_filled(b"version: ", b"9"), "config.missing-field"),
    "items of the wrong kind": (_filled(b"datasets:\n", b"- a          # a\n"), "config.missing-field"),
    "items given twice": (b"datasets:\n" + b"- name: a\n" * 6_000, "config.missing-field"),
    "variables of variables": (_numbered(b"v#: ${v#}\n"), "config.variable-undefined"),
    "variables that nobody defines": (b"d:\n" + b"- ${aaaaaa}\n" * 15_000, "config.variable-undefined"),
    "a variable without an end": (_filled(b"name: ${", b"a"), "config.missing-field"),
    "starts of variables": (_filled(b"name: ", b"${"), "config.missing-field"),
    "what grows by variables": (
        b"variables:\n  a: " + b"x" * 500 + b"\nd:\n" + b"- ${a}${a}${a}${a}${a}${a}${a}\n" * 5_000,
        "config.missing-field",
    ),
    "a quote that nothing closes": (_filled(b'name: "', b"a\n"), "config.syntax"),
    "a mistake at the end": (b"a1: 1\n" * 9_000 + b"b\n\tc: d\n", "config.syntax"),
    "colons": (_filled(b"", b"a: b: "), "config.syntax"),
    "what may be a key": (_filled(b"name: ", b"aA1/"), "config.missing-field"),
    "what may be tokens": (_filled(b"name: ", b"eyJ-"), "config.missing-field"),
    "what may be an address": (_filled(b"name: ", b"://a"), "config.missing-field"),
    "depth of brackets": (b"[" * KIB_256, "config.too-deep"),
    "depth of braces": (_filled(b"", b"{a: "), "config.too-deep"),
    "depth of dashes": (_filled(b"", b"- ", b"a"), "config.too-deep"),
    "depth of keys": (_filled(b"", b"? ", b"a"), "config.too-deep"),
    "documents": (_filled(b"", b"---\na: b\n"), "config.several-documents"),
    "wide characters": ("\U0001f600".encode() * 65_000, "config.not-a-mapping"),
}
"""By what they are full of."""

SOME_EXTREMES = ("one byte too many", "tags", "depth of dashes")
"""Those that are tried always."""
