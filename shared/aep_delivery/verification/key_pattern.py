"""The keys that the files of one dataset or audience have, over all its runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile

from aep_delivery.verification.templates import EPOCH, FIELDS, Token, expression, merged, text, width

_SPLIT = r"(?:_(?P<split>[0-9]{1,3}))?"
_SUFFIX = r"(?P<suffix>(?:\.(?:csv|json|parquet|gz|zip|bz2|snappy|zstd|lz4|pgp|gpg|asc))*)"
_SECONDS_DIGITS = 10

Moment = tuple[int, ...]
"""Year, month, day, … as far as a template says them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key lies."""

    folder: str
    name: str
    moment: Moment
    """Empty where the templates have no usable date."""
    stem: str = ""
    """The file's name up to its number and suffix, where a template names files."""
    split: str | None = None
    """The file's number as it is written, ``2`` in ``name_2.csv``; None for the first of several."""
    suffix: str = ""
    """``.csv.gz``, where a template names files."""


class KeyPattern:
    """The keys of one dataset or audience.

    Args:
        folder: The path and the rendered template of folders, up to the last slash.
        name: The rendered template of file names, without number and suffix; None where files may have any name.
    """

    def __init__(self, folder: tuple[Token, ...], name: tuple[Token, ...] | None = None) -> None:
        self.folder = folder
        self.name = name
        self.tokens = merged((*folder, *(name or ())))
        named = {token.field for token in self.tokens if token.field}
        depth = next((index for index, field in enumerate(FIELDS) if field not in named), len(FIELDS))
        self._by_epoch = EPOCH in named
        self._known = FIELDS if self._by_epoch else FIELDS[:depth]
        seen: set[str] = set()
        in_folder = f"(?P<folder>{expression(folder, seen)})"
        any_name = "(?P<name>[^/]*)"
        named_so = any_name if name is None else f"(?P<name>(?P<stem>{expression(name, seen)}){_SPLIT}{_SUFFIX})"
        self._regex = re.compile(in_folder + named_so, re.DOTALL)
        # Most keys of a shared folder are somebody else's, and this tells so at a fraction of the regex's cost.
        self._needle = max((token.literal for token in name or folder), key=len, default="")
        self._folder_regex = re.compile(in_folder + any_name, re.DOTALL)

    @property
    def names_files(self) -> bool:
        """True where a template names the files; False where it names folders alone."""
        return self.name is not None

    @property
    def dated(self) -> bool:
        """True where the key tells runs apart."""
        return bool(self._known)

    @property
    def text(self) -> str:
        """The pattern for a person: ``exports/5ef3/exportTime=<year><month><day><hour><minute>``."""
        return text(self.tokens).rstrip("/")

    @property
    def literal_length(self) -> int:
        """How much of a key is certain: of two patterns that fit one, the greater fits it better."""
        return sum(len(token.literal) for token in self.tokens)

    def place(self, key: str) -> Place | None:
        """Where `key` lies, or None where it lies outside these folders, deeper than they go, or is named otherwise."""
        found = self._regex.fullmatch(key) if self._needle in key else None
        if not found:
            return None
        groups = found.groupdict()
        return Place(
            folder=found["folder"].rstrip("/"),
            name=found["name"],
            moment=self._moment_of(groups),
            stem=groups.get("stem") or "",
            split=groups.get("split"),
            suffix=groups.get("suffix") or "",
        )

    def folder_of(self, key: str) -> str | None:
        """The folder of `key` where it is one of these, whatever the file is called."""
        found = self._folder_regex.fullmatch(key)
        return found["folder"].rstrip("/") if found else None

    def moment(self, time: datetime) -> Moment:
        """`time` (aware, UTC) cut to what the templates say."""
        return tuple(int(getattr(time, field)) for field in self._known)

    def list_prefix(self, earliest: datetime, latest: datetime) -> str:
        """The longest text that every key of a folder between these two times starts with."""
        prefix, open_fields = "", list(FIELDS)
        for token in self.folder:
            if token.literal:
                prefix += token.literal
            elif open_fields and token.field == open_fields[0]:
                first, last = _digits(earliest, token.field), _digits(latest, token.field)
                if first != last:
                    return prefix + _common_start(first, last)
                prefix += first
                open_fields.pop(0)
            else:
                return prefix
        return prefix

    @property
    def root(self) -> str:
        """The folder that all runs have in common."""
        literal = "".join(token.literal for token in takewhile(lambda token: token.literal, self.folder))
        return literal[: literal.rfind("/") + 1]

    def _moment_of(self, groups: dict[str, str | None]) -> Moment:
        if self._by_epoch:
            digits = groups[EPOCH] or ""
            return self.moment(datetime.fromtimestamp(int(digits[:_SECONDS_DIGITS]), UTC))
        return tuple(int(groups[field] or "") for field in self._known)


def _common_start(first: str, last: str) -> str:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=True))
    return "".join(letter for letter, _ in same)


def _digits(time: datetime, field: str) -> str:
    return f"{getattr(time, field):0{width(field)}}"
