"""What lies in storage for one run, sorted by dataset and by what each object is."""

from __future__ import annotations

from dataclasses import dataclass

from aep_delivery.storage.reader import StorageReader, StoredObject
from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.folders import FolderPattern, folder_pattern
from aep_delivery.verification.names import NameKind, kind_of
from aep_delivery.verification.window import Located, RunWindow


@dataclass(frozen=True, slots=True)
class DatasetFiles:
    """The objects of one run of one dataset. Datasets whose template does not tell them apart share one."""

    dataset_id: str
    name: str
    folder: str
    """The run's folders, or the pattern where there is none."""
    found: bool
    """True where the run's folder is there, whatever lies in it."""
    data: tuple[StoredObject, ...] = ()
    manifests: tuple[StoredObject, ...] = ()
    wrong_type: tuple[StoredObject, ...] = ()
    foreign: tuple[StoredObject, ...] = ()

    @property
    def judged(self) -> tuple[StoredObject, ...]:
        """All objects that bear on the verdict."""
        return (*self.data, *self.manifests, *self.wrong_type, *self.foreign)


def patterns(expectation: Expectation) -> list[tuple[ExpectedDataset, FolderPattern]]:
    """The folder pattern of each dataset; datasets with the same pattern are taken together.

    Raises:
        UserError: The folder template cannot be read.
    """
    by_text: dict[str, list[ExpectedDataset]] = {}
    compiled: dict[str, FolderPattern] = {}
    for dataset in expectation.datasets:
        pattern = folder_pattern(expectation, dataset)
        compiled.setdefault(pattern.text, pattern)
        by_text.setdefault(pattern.text, []).append(dataset)
    return [
        (
            ExpectedDataset(id=", ".join(item.id for item in same), name=", ".join(item.name for item in same)),
            compiled[text],
        )
        for text, same in by_text.items()
    ]


def take_inventory(expectation: Expectation, window: RunWindow, reader: StorageReader) -> list[DatasetFiles]:
    """List the folders of the run and sort what is in them. Reads no content.

    Raises:
        UserError: The storage denies the listing, or the folder template cannot be read.
        TransientError: The storage asks to come back.
    """
    return [_files(dataset, pattern, expectation, window, reader) for dataset, pattern in patterns(expectation)]


def nothing_read(expectation: Expectation) -> list[DatasetFiles]:
    """The datasets with their folder patterns, without a look at the storage."""
    return [
        DatasetFiles(dataset_id=dataset.id, name=dataset.name, folder=pattern.text, found=False)
        for dataset, pattern in patterns(expectation)
    ]


def _files(
    dataset: ExpectedDataset,
    pattern: FolderPattern,
    expectation: Expectation,
    window: RunWindow,
    reader: StorageReader,
) -> DatasetFiles:
    prefix = pattern.list_prefix(window.earliest, window.latest)
    located = [
        Located(stored=stored, place=place)
        for stored in reader.list_objects(prefix)
        if (place := pattern.place(stored.key)) is not None
    ]
    own = window.own(pattern, located)
    kinds: dict[NameKind, list[StoredObject]] = {kind: [] for kind in NameKind}
    for item in own:
        kind = kind_of(item.place.name, item.stored.size, expectation.dataset_file_type, expectation.compression)
        kinds[kind].append(item.stored)
    folders = sorted({item.place.folder for item in own})
    return DatasetFiles(
        dataset_id=dataset.id,
        name=dataset.name,
        folder=", ".join(folders) or pattern.text,
        found=bool(own),
        data=tuple(kinds[NameKind.DATA]),
        manifests=tuple(kinds[NameKind.MANIFEST]),
        wrong_type=tuple(kinds[NameKind.WRONG_TYPE]),
        foreign=tuple(kinds[NameKind.FOREIGN]),
    )
