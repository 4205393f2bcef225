from __future__ import annotations

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage import sftp_listing
from aep_delivery.storage.sftp_listing import walk

FILE = asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_REGULAR, size=0)
FOLDER = asyncssh.SFTPAttrs(type=asyncssh.FILEXFER_TYPE_DIRECTORY)

Tree = dict[str, "Tree | None"]
NAMES = st.text(st.sampled_from("ab.-/é名\U0001f600~ 0").filter(lambda c: c != "/"), min_size=1, max_size=3).filter(
    lambda name: name not in (".", "..")
)
TREES = st.recursive(
    st.dictionaries(NAMES, st.none(), max_size=5),
    lambda below: st.dictionaries(NAMES, st.none() | below, max_size=5),
    max_leaves=30,
)


def keys_of(tree: Tree, folder: str = "") -> list[str]:
    found: list[str] = []
    for name, below in tree.items():
        found += [folder + name] if below is None else keys_of(below, f"{folder}{name}/")
    return found


def listing(tree: Tree, prefix: str) -> list[str]:
    def scan(folder: str) -> list[tuple[str, asyncssh.SFTPAttrs]]:
        at: Tree | None = tree
        for name in folder.split("/")[:-1]:
            at = at.get(name) if at else None
        return [(name, FOLDER if isinstance(below, dict) else FILE) for name, below in (at or {}).items()]

    return [key for key, _ in walk(scan, prefix, place="p")]


@given(TREES, st.data())
def test_a_listing_is_the_sorted_tree_below_the_prefix(tree: Tree, data: st.DataObject) -> None:
    keys = keys_of(tree)
    key = data.draw(st.sampled_from(keys)) if keys else "a/b"
    prefix = key[: data.draw(st.integers(0, len(key)))]
    assert listing(tree, prefix) == sorted((key for key in keys if key.startswith(prefix)), key=str.encode)


def test_only_the_folders_of_the_prefix_are_looked_at() -> None:
    asked = []

    def scan(folder: str) -> list[tuple[str, asyncssh.SFTPAttrs]]:
        asked.append(folder)
        return [("x", FOLDER), ("xy", FOLDER), ("z", FOLDER)] if folder == "a/" else []

    assert list(walk(scan, "a/x", place="p")) == []
    assert asked == ["a/", "a/x/", "a/xy/"]


def test_a_bottomless_folder_ends() -> None:
    with pytest.raises(UserError) as caught:
        list(walk(lambda _: [("deeper", FOLDER)], "", place="sftp://h:22/"))
    assert (caught.value.code, caught.value.place) == ("storage.listing-too-large", "sftp://h:22/")


def test_an_endless_folder_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp_listing, "ENTRIES", 10)
    with pytest.raises(UserError) as caught:
        list(walk(lambda _: [(str(number), FILE) for number in range(11)], "", place="p"))
    assert caught.value.code == "storage.listing-too-large"
