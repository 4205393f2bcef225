"""Damage to Adobe's manifest, or to files that it tells of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from aep_delivery.verification.report import Verdict
from tests.proof.corruption.deliveries import Delivery, manifest_of
from tests.proof.corruption.kinds import damage, has_manifest, has_parts

_CORRUPT, _INCOMPLETE = Verdict.CORRUPT, Verdict.INCOMPLETE
_INVALID = "manifest.invalid"
Document = dict[str, Any]


@damage("manifest: missing", _INCOMPLETE, "manifest.missing", applies=has_manifest)
def missing(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.manifests))


@damage("manifest: of another run", _INCOMPLETE, "manifest.missing", applies=has_manifest)
def other_run(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _edited(delivery, lambda document: {**document, "flowRunId": "another-run"})


@damage("manifest: empty", _CORRUPT, _INVALID, applies=has_manifest)
def empty(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.manifests, b""))


@damage("manifest: cut", _CORRUPT, _INVALID, applies=has_manifest)
def cut(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    for key in delivery.manifests:
        body = delivery.files[key]
        for share in (0.1, 0.5, 0.99):
            yield delivery.having({key: body[: int(len(body) * share)]})


@damage("manifest: a page of HTML in its place", _CORRUPT, _INVALID, applies=has_manifest)
def html(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.manifests, b"<html>503</html>"))


@damage("manifest: bytes that are no text", _CORRUPT, _INVALID, applies=has_manifest)
def no_text(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield delivery.having(dict.fromkeys(delivery.manifests, b"\x1f\x8b\x08\xff\xfe"))


@damage("manifest: without its list", _CORRUPT, _INVALID, applies=has_manifest)
def no_list(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _edited(delivery, lambda document: {"flowRunId": document["flowRunId"]}, lambda _: {}, lambda _: [])


@damage("manifest: a size that is none", _CORRUPT, _INVALID, applies=has_manifest)
def no_size(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _lines(delivery, *(_with(size=size) for size in (-1, "many", None)))


@damage("manifest: it lists a file that is not there", _INCOMPLETE, "manifest.file-missing", applies=has_manifest)
def lists_more(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _lines(delivery, lambda lines: [*lines, {**lines[0], "name": "part-00099.json"}])


@damage("manifest: it does not list a file", Verdict.UNEXPECTED_FILES, "manifest.unlisted-file", applies=has_manifest)
def lists_less(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    yield from _lines(delivery, lambda lines: lines[1:])


@damage("manifest: a file's size is another", Verdict.SIZE_MISMATCH, "manifest.size-mismatch", applies=has_manifest)
def other_size(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    sizes = (1, -1, 1000)
    yield from _lines(
        delivery,
        *((lambda lines, by=by: [{**lines[0], "size": lines[0]["size"] + by}, *lines[1:]]) for by in sizes),
    )


@damage("manifest: a name that leads out of its folder", _INCOMPLETE, "manifest.unsafe-name", applies=has_manifest)
def leads_out(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    names = ("../part-0.json", "/etc/passwd", "..", "", "a/b.json")
    yield from _lines(delivery, *((lambda lines, name=name: [*lines, {**lines[0], "name": name}]) for name in names))


@damage(
    "manifest: files of two datasets exchanged",
    Verdict.UNEXPECTED_FILES,
    "set.misplaced-file",
    applies=lambda delivery: has_manifest(delivery) and has_parts(delivery),
)
def exchanged(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second = delivery.of(0)[0], delivery.of(1)[0]
    there, here = (key.rpartition("/")[0] for key in (second, first))
    moved = {f"{there}/{first.rpartition('/')[2]}": delivery.files[first], first: None}
    yield delivery.having(moved)
    yield delivery.having({**moved, f"{here}/{second.rpartition('/')[2]}": delivery.files[second], second: None})


@damage(
    "manifest: a file lost, another one twice",
    _INCOMPLETE,
    "manifest.file-missing",
    applies=lambda delivery: has_manifest(delivery) and has_parts(delivery),
)
def lost_and_doubled(delivery: Delivery, _: Random) -> Iterator[Delivery]:
    first, second, *_rest = delivery.of(0)
    yield delivery.having({first: None, second.replace("part-00001", "part-00099"): delivery.files[second]})


def _edited(delivery: Delivery, *edits: Callable[[Document], object]) -> Iterator[Delivery]:
    for edit in edits:
        yield delivery.having(
            {key: json.dumps(edit(manifest_of(delivery, key))).encode() for key in delivery.manifests}
        )


def _lines(delivery: Delivery, *edits: Callable[[list[Document]], list[Document]]) -> Iterator[Delivery]:
    """The lines of each manifest edited, one manifest at a time."""
    for key in delivery.manifests:
        document = manifest_of(delivery, key)
        for edit in edits:
            changed = {**document, "exportResults": edit(document["exportResults"])}
            yield delivery.having({key: json.dumps(changed).encode()})


def _with(**values: object) -> Callable[[list[Document]], list[Document]]:
    return lambda lines: [{**lines[0], **values}, *lines[1:]]
