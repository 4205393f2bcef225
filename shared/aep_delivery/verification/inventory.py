"""What lies in storage for one run, sorted by dataset or audience and by what each object is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.expectation import Expectation, ExpectedAudience, ExpectedDataset
from aep_delivery.verification.filenames import audience_pattern
from aep_delivery.verification.folders import folder_pattern
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.names import NameKind, is_manifest, kind_of, kind_of_named
from aep_delivery.verification.window import Located, RunWindow


class FileSet(BaseModel):
    """The objects of one run of one dataset or audience. Those whose templates do not tell them apart share one."""

    model_config = ConfigDict(frozen=True)

    ids: tuple[str, ...]
    names: tuple[str, ...]
    folder: str
    """The run's folders, or the pattern where there is none."""
    found: bool
    """True where the run's folder is there, whatever lies in it."""
    data: tuple[StoredObject, ...] = ()
    manifests: tuple[StoredObject, ...] = ()
    wrong_type: tuple[StoredObject, ...] = ()
    foreign: tuple[StoredObject, ...] = ()
    misplaced: tuple[StoredObject, ...] = ()
    """Files of this audience in the folder of another one."""
    leftover: tuple[StoredObject, ...] = ()
    """Parts of an earlier export whose name nothing tells from this run's: a reader would take them for one."""

    @property
    def id(self) -> str:
        """The id, or all of them."""
        return ", ".join(self.ids)

    @property
    def name(self) -> str:
        """The name, or all of them."""
        return ", ".join(self.names)

    @property
    def judged(self) -> tuple[StoredObject, ...]:
        """All objects that bear on the verdict."""
        return (*self.data, *self.manifests, *self.wrong_type, *self.foreign, *self.misplaced)


@dataclass(frozen=True, slots=True)
class Shared:
    """Datasets or audiences that one pattern stands for."""

    pattern: KeyPattern
    ids: tuple[str, ...]
    names: tuple[str, ...]

    def empty(self) -> FileSet:
        """The set without files."""
        return FileSet(ids=self.ids, names=self.names, folder=self.pattern.text, found=False)


def patterns(expectation: Expectation) -> list[Shared]:
    """The pattern of each dataset or audience; those with the same pattern are taken together.

    Raises:
        UserError: A template cannot be read.
    """
    by_text: dict[str, list[tuple[ExpectedDataset | ExpectedAudience, KeyPattern]]] = {}
    for dataset in expectation.datasets:
        pattern = folder_pattern(expectation, dataset)
        by_text.setdefault(pattern.text, []).append((dataset, pattern))
    for audience in expectation.audiences:
        pattern = audience_pattern(expectation, audience)
        by_text.setdefault(pattern.text, []).append((audience, pattern))
    return [
        Shared(same[0][1], tuple(item.id for item, _ in same), tuple(item.name for item, _ in same))
        for same in by_text.values()
    ]


def take_inventory(expectation: Expectation, window: RunWindow, reader: StorageReader) -> list[FileSet]:
    """List the folders of the run and sort what is in them. Reads no content.

    Raises:
        UserError: The storage denies the listing, or a template cannot be read.
        TransientError: The storage asks to come back.
    """
    shared = patterns(expectation)
    if expectation.audiences:
        return _of_audiences(shared, expectation, window, reader)
    located = [list(_located(each.pattern, reader.list_objects(_prefix(each, window)))) for each in shared]
    agreed = window.agreeing((each.pattern, found) for each, found in zip(shared, located, strict=True))
    return [_of_dataset(each, found, expectation, agreed) for each, found in zip(shared, located, strict=True)]


def nothing_read(expectation: Expectation) -> list[FileSet]:
    """The datasets or audiences with their patterns, without a look at the storage."""
    return [each.empty() for each in patterns(expectation)]


def _of_dataset(each: Shared, located: list[Located], expectation: Expectation, window: RunWindow) -> FileSet:
    own = window.own(each.pattern, located)
    kinds: dict[NameKind, list[StoredObject]] = {kind: [] for kind in NameKind}
    for item in own:
        kinds[kind_of(item.place.name, item.stored.size, expectation)].append(item.stored)
    return _file_set(each, own, kinds)


def _of_audiences(
    shared: list[Shared], expectation: Expectation, window: RunWindow, reader: StorageReader
) -> list[FileSet]:
    """Audiences share folders more often than not, so each folder is listed once and its files are dealt out."""
    listed: dict[str, StoredObject] = {}
    for prefix in sorted({_prefix(each, window) for each in shared}):
        listed |= {stored.key: stored for stored in reader.list_objects(prefix)}
    dealt: dict[int, list[Located]] = {index: [] for index in range(len(shared))}
    others: list[StoredObject] = []
    for stored in listed.values():
        index = _best(shared, stored.key)
        place = shared[index].pattern.place(stored.key) if index is not None else None
        if index is None or place is None:
            others.append(stored)
        else:
            dealt[index].append(Located(stored=stored, place=place))
    agreed = window.agreeing((each.pattern, dealt[index]) for index, each in enumerate(shared))
    return [_of_audience(each, dealt[index], others, expectation, agreed) for index, each in enumerate(shared)]


def _best(shared: list[Shared], key: str) -> int | None:
    """The pattern that fits `key` and leaves the least of it open."""
    fitting = [index for index, each in enumerate(shared) if each.pattern.place(key)]
    return max(fitting, key=lambda index: shared[index].pattern.literal_length, default=None)


def _of_audience(
    each: Shared, located: list[Located], others: list[StoredObject], expectation: Expectation, window: RunWindow
) -> FileSet:
    if window.due and window.due.isdisjoint(each.ids):
        # Its newest files are those of another slot, and not judged here.
        return each.empty()
    own = window.own(each.pattern, located, several=len(each.ids) > 1)
    kinds: dict[NameKind, list[StoredObject]] = {kind: [] for kind in NameKind}
    for item in own:
        kinds[kind_of_named(item.place, item.stored.size, expectation)].append(item.stored)
    kinds[NameKind.MANIFEST] = _manifests(each.pattern, others, window)
    made = _file_set(each, own, kinds)
    return made.model_copy(
        update={
            "misplaced": _misplaced(each.pattern, others, window),
            "leftover": _leftover(located, own),
        }
    )


def _manifests(pattern: KeyPattern, others: list[StoredObject], window: RunWindow) -> list[StoredObject]:
    """The manifests of this run: those of all runs lie in the same folder, and tell their run in their name."""
    beside = [
        stored
        for stored in others
        if is_manifest(stored.key.rpartition("/")[2]) and pattern.folder_of(stored.key) is not None
    ]
    named = [stored for stored in beside if any(run_id in stored.key for run_id in window.run_ids)]
    newest = max(beside, key=lambda stored: stored.last_modified, default=None)
    # Without a run's id in its name the newest is opened: it says itself whose it is.
    return named or [stored for stored in (newest,) if stored is not None and not window.wrote_nothing]


def _misplaced(pattern: KeyPattern, others: list[StoredObject], window: RunWindow) -> tuple[StoredObject, ...]:
    """Files named as this audience's in the folder of another audience of the delivery."""
    elsewhere = KeyPattern((), pattern.name)
    located = []
    for stored in others:
        place = elsewhere.place(stored.key.rpartition("/")[2])
        if place is not None and stored.size and place.suffix:
            located.append(Located(stored=stored, place=place))
    return tuple(item.stored for item in window.own(elsewhere, located))


def _leftover(located: list[Located], own: list[Located]) -> tuple[StoredObject, ...]:
    """Numbered files under the name of one of this run's that an earlier run has left there."""
    stems = {(item.place.folder, item.place.stem) for item in own}
    keys = {item.stored.key for item in own}
    return tuple(
        item.stored
        for item in located
        if (item.place.folder, item.place.stem) in stems and item.place.split and item.stored.key not in keys
    )


def _prefix(each: Shared, window: RunWindow) -> str:
    return each.pattern.list_prefix(window.earliest, window.latest)


def _located(pattern: KeyPattern, listed: Iterator[StoredObject]) -> list[Located]:
    return [
        Located(stored=stored, place=place) for stored in listed if (place := pattern.place(stored.key)) is not None
    ]


def _file_set(each: Shared, own: list[Located], kinds: dict[NameKind, list[StoredObject]]) -> FileSet:
    folders = sorted({item.place.folder for item in own})
    return FileSet(
        ids=each.ids,
        names=each.names,
        folder=", ".join(folders) or each.pattern.text,
        found=bool(own),
        data=tuple(kinds[NameKind.DATA]),
        manifests=tuple(kinds[NameKind.MANIFEST]),
        wrong_type=tuple(kinds[NameKind.WRONG_TYPE]),
        foreign=tuple(kinds[NameKind.FOREIGN]),
    )
