"""What of a config may be shown. Diagnostics quote the user's lines, and a secret may stand in the wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

MASK = "***"
_REFERENCE = re.compile(r"secret://[A-Za-z0-9/_+=.@-]{1,512}")
_SECRET_KEY = re.compile(
    r"secret|passw|passphrase|token|credential|access[-_]?key|private[-_]?key|ssh[-_]?key|api[-_]?key|accessid|"
    r"connection[-_]?string|\bauth\b|\bsas|pwd",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{8,}"  # AWS access key ids
    r"|eyJ[A-Za-z0-9_-]{8,}"  # JWT
    r"|-----BEGIN"
    r"|://[^/\s@]+@"  # credentials in an address
    r"|(?:AccountKey|SharedAccessSignature|sig|X-Amz-Signature)=",
)
_LONG_WORD = re.compile(r"[A-Za-z0-9+/_-]{32,}")
_WORDS = re.compile(r"[A-Za-z]+(?:[-_ ][A-Za-z]+)*")
_LONGEST_SPOKEN = 40
_CLOSE = 0.8
"""How much a word must be like a known one: ``assume`` is like ``assumed``."""
_FIELD = re.compile(r"""(?<![\w.-])([\w.-]+)["']?\s*:(?=\s|$|["'{\[])""")

_GLUED = re.compile(r"[ -]*([\w.-]+):(?=\S)")
_WITH_VALUE = re.compile(r"""([ -]*)[\w.-]+: +[^\s|>"'{\[]""")


def names_secret(key: str) -> bool:
    """True where a field of this name usually holds a secret."""
    return _SECRET_KEY.search(key) is not None


def looks_secret(text: str) -> bool:
    """True where a text looks like a key, a token or an address with credentials; a reference to a secret does not."""
    if _REFERENCE.fullmatch(text):
        return False
    return _SECRET_VALUE.search(text) is not None or any(_is_key(word) for word in _LONG_WORD.findall(text))


def is_spoken(text: object, vocabulary: Collection[str]) -> bool:
    """True where a text is made of known words alone, be they misspelled: ``password``, ``assume-role``.

    Args:
        text: A value.
        vocabulary: The words of closed lists, in small letters. Everybody knows them.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_SPOKEN or not _WORDS.fullmatch(text):
        return False
    words = re.split("[-_ ]", text.lower())
    return all(difflib.get_close_matches(word, vocabulary, n=1, cutoff=_CLOSE) for word in words)


def _is_key(word: str) -> bool:
    """A long word of capitals, small letters and digits. With slashes it is more often a path, unless of 40 characters,
    which is what AWS secret keys have. In code, not in the pattern: there it would take quadratic time.
    """
    mixed = any(map(str.isupper, word)) and any(map(str.islower, word)) and any(map(str.isdigit, word))
    return mixed and ("/" not in word or len(word) == 40)


def printable(text: str, limit: int) -> str:
    """The text without control characters (a terminal would obey them), shortened to ``limit`` characters."""
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def shown_name(name: str) -> str:
    """A field's name as a diagnostic may quote it."""
    return MASK if looks_secret(name) else printable(name, 60)


def masked_raw_line(lines: list[str], number: int) -> str:
    """A line of a text that could not be parsed, with everything hidden that might be a secret.

    Args:
        lines: The text.
        number: The line, from 0.
    """
    line = lines[number]
    for field in _FIELD.finditer(line):
        if names_secret(field[1]) and line[field.end() :].strip():
            return f"{line[: field.end()]} {MASK}"
    glued = _GLUED.match(line)
    if glued and names_secret(glued[1]):
        return f"{line[: glued.end()]}{MASK}"
    if not _FIELD.search(line) and not (glued and _is_sibling(lines, number, glued.start(1))):
        # A value may stand below its field.
        above = next((match for earlier in reversed(lines[:number]) for match in _FIELD.findall(earlier)[-1:]), "")
        if names_secret(above):
            return MASK
    return MASK if looks_secret(line) else line


def _is_sibling(lines: list[str], number: int, column: int) -> bool:
    """True where a line stands beside or above the field before it, which has its value on its own line."""
    before = next((line for line in reversed(lines[:number]) if line.strip()), "")
    field = _WITH_VALUE.match(before)
    return field is not None and column <= field.end(1)
