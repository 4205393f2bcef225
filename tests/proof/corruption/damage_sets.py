"""Damage to the set of files: missing, doubled, renamed, foreign, of another run, of another dataset."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery, older_key
from tests.proof.corruption.kinds import (
    damage,
    everywhere,
    has_manifest,
    has_others,
    has_parts,
    is_readable,
    is_text,
    of_audiences,
    packed,
    rows_edited,
    victims,
)

_INCOMPLETE, _UNEXPECTED = Verdict.INCOMPLETE, Verdict.UNEXPECTED_FILES
_MISSING = "set.files-missing"


def _unlisted(delivery: Delivery) -> bool:
    return not has_manifest(delivery)


def _split(delivery: Delivery) -> bool:
    return "split" in delivery.traits


@damage("a file missing", _INCOMPLETE, _MISSING, "manifest.file-missing", applies=everywhere)
def missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        yield delivery.having({key: None})


@damage("several files missing", _INCOMPLETE, _MISSING, applies=has_parts)
def several_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.data[1:3]))
    yield delivery.having(dict.fromkeys(delivery.data[1:]))


@damage("all files missing", _INCOMPLETE, "set.no-files", applies=everywhere)
def all_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.data))
    yield delivery.having(dict.fromkeys(delivery.files))
    yield delivery.having(dict.fromkeys(delivery.files), records=None, files=None)


@damage(
    "all files of one dataset or audience missing",
    _INCOMPLETE,
    "set.dataset-missing",
    "set.audience-missing",
    applies=everywhere,
)
def one_without(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if len(delivery.form.subjects) > 1:
        yield delivery.having(dict.fromkeys(delivery.of(0)))
        yield delivery.having(dict.fromkeys(delivery.of(1)))


@damage("a file twice, under another name", _UNEXPECTED, "set.too-many-files", applies=has_parts)
def doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        yield delivery.having({_as_part(key, 99): delivery.files[key]})


@damage(
    "a file twice, while Adobe reports no number of files",
    _UNEXPECTED,
    "set.duplicate-file",
    applies=lambda delivery: has_parts(delivery) and is_readable(delivery),
)
def doubled_uncounted(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        yield delivery.having({_as_part(key, 99): delivery.files[key]}, files=None)


@damage(
    "a larger file lost, a copy of another in its place",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=lambda delivery: has_parts(delivery) and is_readable(delivery),
)
def replaced(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, last = delivery.of(0)[0], delivery.of(0)[-1]
    yield delivery.having({first: delivery.files[last]})


@damage("a file renamed to a name that no export has", _INCOMPLETE, _MISSING, "set.files-missing", applies=everywhere)
def renamed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    key = delivery.data[0]
    folder, name = _split_key(key)
    for other in (f"copy of {name}", f"_{name}", f".{name}", f"old-{name}", "data"):
        yield delivery.having({key: None, f"{folder}/{other}": delivery.files[key]})


@damage("a file under a name for a time: .tmp, .filepart, .crdownload", _INCOMPLETE, _MISSING, applies=everywhere)
def under_way(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        for suffix in (".tmp", ".filepart", ".crdownload", "~"):
            yield delivery.having({key: None, key + suffix: delivery.files[key]})


@damage("a file left in _temporary", _INCOMPLETE, _MISSING, applies=everywhere)
def in_temporary(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        folder, name = _split_key(key)
        yield delivery.having({key: None, f"{folder}/_temporary/0/{name}": delivery.files[key]})


@damage("a file without its suffix", _INCOMPLETE, _MISSING, applies=everywhere)
def unsuffixed(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        yield delivery.having({key: None, key.partition(".")[0]: delivery.files[key]})


@damage("a foreign data file beside", _UNEXPECTED, "set.unexpected-file", applies=has_parts)
def foreign(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    suffix = delivery.data[0].partition(".")[2]
    for name in (f"export.{suffix}", "copy.json", "report.csv", "x.parquet"):
        yield delivery.having({f"{delivery.folders[0]}/{name}": delivery.files[delivery.data[0]]})


@damage("a file of another type beside", _UNEXPECTED, "set.wrong-type", applies=everywhere)
def other_type(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    key = delivery.data[0]
    stem, suffix = key.split(".", 1)
    for other in (".json", ".json.gz", ".csv", ".gz.parquet", ".parquet"):
        if other not in (f".{suffix}", f".{suffix}".removesuffix(".pgp")):
            yield delivery.having({(_as_part(stem, 7) if has_parts(delivery) else stem) + other: b"something"})


@damage("an empty data file beside", Verdict.CORRUPT, "file.empty", applies=has_parts)
def empty_beside(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({_as_part(delivery.data[0], 99): b""})


@damage("a data file of an older run beside", _UNEXPECTED, "set.too-many-files", applies=has_parts)
def older_beside(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having({_as_part(delivery.data[0], 99): _fewer(delivery, delivery.data[0])})


@damage(
    "a data file of an older run in the place of its own",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=is_readable,
)
def older_instead(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if not _split(delivery):
        for key in victims(delivery):
            yield delivery.having({key: _fewer(delivery, key)})


@damage("the files of an older run alone", _INCOMPLETE, "set.no-files", applies=everywhere)
def older_alone(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(
        {older_key(key): body for key, body in delivery.files.items()} | dict.fromkeys(delivery.files)
    )


@damage("a file in the folder of an older run", _INCOMPLETE, _MISSING, applies=everywhere)
def in_older_folder(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        yield delivery.having({key: None, older_key(key): delivery.files[key]})


@damage("a file in the folder above", _INCOMPLETE, _MISSING, applies=has_parts)
def folder_above(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in victims(delivery):
        *above, _folder, name = key.split("/")
        yield delivery.having({key: None, "/".join([*above, name]): delivery.files[key]})


@damage("files of two datasets with other columns exchanged", _UNEXPECTED, "schema.files-differ", applies=has_parts)
def exchanged(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if delivery.form.file_type == "PARQUET":
        yield _exchange(delivery, delivery.of(0)[0], delivery.of(1)[0])
        yield _exchange(delivery, delivery.of(0)[-1], delivery.of(1)[0])


@damage("the files of two audiences exchanged", Verdict.COUNT_MISMATCH, "set.count-mismatch", applies=of_audiences)
def audiences_exchanged(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_readable(delivery) and has_others(delivery) and not _split(delivery):
        yield _exchange(delivery, delivery.of(0)[0], delivery.of(1)[0])


@damage("one of an audience's numbered files missing", _INCOMPLETE, "set.split-gap", applies=_split)
def gap(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in delivery.data[:-1]:
        yield delivery.having({key: None})
        yield delivery.having({key: None}, files=None, records=None, audience_records={})


@damage(
    "a numbered file of an audience that is not full, and rows missing",
    _INCOMPLETE,
    "set.split-not-full",
    applies=_split,
)
def not_full(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for one in rows_edited(delivery, lambda rows: rows[:-1]):
        if one.files[one.data[-1]] == delivery.files[one.data[-1]]:
            yield one


@damage(
    "an audience's file with a number that Adobe does not give",
    _UNEXPECTED,
    "set.unexpected-file",
    applies=of_audiences,
)
def odd_number(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    stem, suffix = delivery.data[0].split(".", 1)
    for number in ("_1", "_02", "_002"):
        yield delivery.having({f"{stem}{number}.{suffix}": delivery.files[delivery.data[0]]})


@damage(
    "an audience's file in the folder of another one",
    _INCOMPLETE,
    _MISSING,
    "set.misplaced-file",
    "set.audience-missing",
    applies=of_audiences,
)
def in_the_folder_of_another(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if len(delivery.folders) > 1:
        key, other = delivery.of(0)[0], delivery.of(1)[0]
        beside = f"{other.rpartition('/')[0]}/{key.rpartition('/')[2]}"
        yield delivery.having({key: None, beside: delivery.files[key]})


@damage(
    "a row missing",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=lambda delivery: is_text(delivery) and not _split(delivery),
)
def row_missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, lambda rows: rows[1:], lambda rows: rows[:-1], lambda rows: rows[: len(rows) // 2])


@damage(
    "a row twice",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=lambda delivery: is_text(delivery) and not _split(delivery),
)
def row_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(
        delivery, lambda rows: [rows[0], *rows], lambda rows: [*rows, rows[-1]], lambda rows: rows * 2
    )


@damage(
    "a row missing, another one twice, of an audience with a key",
    Verdict.COUNT_MISMATCH,
    "set.duplicate-keys",
    applies=lambda delivery: delivery.form.keyed,
)
def key_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    if is_text(delivery):
        yield from rows_edited(delivery, lambda rows: [rows[0], rows[0], *rows[2:]], lambda rows: [rows[-1], *rows[1:]])


@damage(
    "cut between two rows",
    Verdict.COUNT_MISMATCH,
    "set.count-mismatch",
    applies=lambda delivery: is_text(delivery) and not _split(delivery),
)
def cut_between_rows(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from rows_edited(delivery, lambda rows: rows[: len(rows) // 3], lambda rows: rows[:1])


def _split_key(key: str) -> tuple[str, str]:
    folder, _, name = key.rpartition("/")
    return folder, name


def _as_part(key: str, number: int) -> str:
    """The key as that of another part."""
    folder, name = _split_key(key)
    _, _, rest = name.partition("part-")
    return f"{folder}/part-{number:05d}{rest[5:]}"


def _exchange(delivery: Delivery, key: str, other: str) -> Delivery:
    return delivery.having({key: delivery.files[other], other: delivery.files[key]})


def _fewer(delivery: Delivery, key: str) -> bytes:
    """A sound file with fewer rows than that one."""
    body = delivery.files[key]
    if delivery.form.encrypted:
        return body
    if delivery.form.file_type == "PARQUET":
        target = io.BytesIO()
        table: pa.Table = pq.read_table(io.BytesIO(body))
        pq.write_table(table.slice(0, len(table) // 2), target, compression="gzip")
        return target.getvalue()
    text = gzip.decompress(body) if delivery.form.compression == "GZIP" else body
    rows = text.splitlines(keepends=True)
    return packed(delivery, b"".join(rows[: len(rows) // 2]))
