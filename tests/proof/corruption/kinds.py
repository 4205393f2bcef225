"""Kinds of damage: what is done to a delivery, and what must be said of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery

Inflict = Callable[[Delivery, Random], Iterator[Delivery]]
Applies = Callable[[Delivery], bool]


@dataclass(frozen=True)
class Kind:
    """One kind of damage.

    Attributes:
        name: what happens.
        verdict: that must be given.
        codes: one of these must be among the findings that decide.
        inflict: makes damaged deliveries, at several places.
        applies: whether a delivery can have it.
        reader: makes the storage that it happens in.
        group: what it is done to: the module it is written in.
    """

    name: str
    verdict: Verdict
    codes: frozenset[str]
    inflict: Inflict
    applies: Applies
    reader: Callable[[], MemoryReader]
    group: str

    def __str__(self) -> str:
        return self.name

    def verdict_of(self, damaged: Delivery, sound: Delivery) -> Verdict:
        """The verdict, with what a manifest says of sizes: of two that apply the first of the list is given."""
        verdicts = [self.verdict]
        if sound.form.manifest and any(
            len(damaged.files[key]) != len(body) for key, body in sound.files.items() if key in damaged.data
        ):
            verdicts.append(Verdict.SIZE_MISMATCH)
        return min(verdicts, key=list(Verdict).index)


KINDS: list[Kind] = []


def damage(
    name: str,
    verdict: Verdict,
    *codes: str,
    applies: Applies,
    reader: Callable[[], MemoryReader] = MemoryReader,
) -> Callable[[Inflict], Inflict]:
    """Register a kind of damage; see :class:`Kind`."""

    def register(inflict: Inflict) -> Inflict:
        KINDS.append(
            Kind(name, verdict, frozenset(codes), inflict, applies, reader, inflict.__module__.rpartition("_")[2])
        )
        return inflict

    return register


def everywhere(_: Delivery) -> bool:
    return True


def is_text(delivery: Delivery) -> bool:
    """JSON or CSV that can be read."""
    return delivery.form.file_type != "PARQUET" and not delivery.form.encrypted


def is_json(delivery: Delivery) -> bool:
    return delivery.form.file_type == "JSON" and not delivery.form.encrypted


def is_csv(delivery: Delivery) -> bool:
    return delivery.form.file_type == "CSV" and not delivery.form.encrypted


def is_plain(delivery: Delivery) -> bool:
    """Text without anything around it."""
    return is_text(delivery) and delivery.form.compression == "NONE"


def is_gzip(delivery: Delivery) -> bool:
    """Text in gzip."""
    return is_text(delivery) and delivery.form.compression == "GZIP"


def is_parquet(delivery: Delivery) -> bool:
    return delivery.form.file_type == "PARQUET" and not delivery.form.encrypted


def is_encrypted(delivery: Delivery) -> bool:
    return delivery.form.encrypted


def is_binary(delivery: Delivery) -> bool:
    """Whatever is not plain text."""
    return not is_plain(delivery)


def is_readable(delivery: Delivery) -> bool:
    return not delivery.form.encrypted


def has_manifest(delivery: Delivery) -> bool:
    return delivery.form.manifest


def has_parts(delivery: Delivery) -> bool:
    """Several files for each dataset."""
    return delivery.form.exports == "datasets"


def of_audiences(delivery: Delivery) -> bool:
    return delivery.form.exports == "audiences"


def has_others(delivery: Delivery) -> bool:
    """Several files, of which one may be mistaken for another."""
    return len(delivery.data) > 1


def victims(delivery: Delivery) -> list[str]:
    """The first data file and the last one, and one between them."""
    data = delivery.data
    return sorted({data[0], data[len(data) // 2], data[-1]})


def altered(delivery: Delivery, *alterations: Callable[[bytes], bytes]) -> Iterator[Delivery]:
    """Each of the victims altered in each of these ways."""
    for key in victims(delivery):
        for alter in alterations:
            yield delivery.altering(key, alter)


def edited(delivery: Delivery, *edits: Callable[[bytes], bytes]) -> Iterator[Delivery]:
    """Each of the victims with its text edited, and packed as before."""
    yield from altered(delivery, *(_repacking(delivery, edit) for edit in edits))


def rows_edited(delivery: Delivery, *edits: Callable[[list[bytes]], list[bytes]]) -> Iterator[Delivery]:
    """Each of the victims with its rows edited, their line ends with them; the header of CSV is none of them."""
    header = 1 if delivery.form.file_type == "CSV" else 0

    def editing(edit: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
        def edited_text(text: bytes) -> bytes:
            lines = rows_of(text)
            return b"".join([*lines[:header], *edit(lines[header:])])

        return edited_text

    yield from edited(delivery, *map(editing, edits))


def rows_of(text: bytes) -> list[bytes]:
    """The rows of a text that has no line ends within values, as those that damage is done to have not."""
    return text.splitlines(keepends=True)


def text_of(delivery: Delivery, key: str) -> bytes:
    """The content of a file of text."""
    body = delivery.files[key]
    return gzip.decompress(body) if delivery.form.compression == "GZIP" else body


def packed(delivery: Delivery, text: bytes) -> bytes:
    """A text as the form asks for it."""
    return gzip.compress(text, mtime=0) if delivery.form.compression == "GZIP" else text


def patched(data: bytes, position: int, new: bytes) -> bytes:
    """`new` in the place of as many bytes; a negative position counts from the end."""
    begin = position % len(data)
    return data[:begin] + new + data[begin + len(new) :]


def flipped(data: bytes, position: int, mask: int = 0x10) -> bytes:
    """One byte with some bits turned over."""
    return patched(data, position, bytes([data[position % len(data)] ^ mask]))


def _repacking(delivery: Delivery, edit: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def repacked(body: bytes) -> bytes:
        text = gzip.decompress(body) if delivery.form.compression == "GZIP" else body
        return packed(delivery, edit(text))

    return repacked
