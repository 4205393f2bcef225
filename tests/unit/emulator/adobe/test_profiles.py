from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.adobe.lake import LakeError
from emulator.adobe.profiles import ProfileStore, identity_of

from .activation import change, profile, write_profiles
from .conftest import START


def store(tmp_path: Path, **kwargs: Any) -> ProfileStore:
    write_profiles(tmp_path, **kwargs)
    return ProfileStore(tmp_path, START)


def tiers(found: ProfileStore, **after: float) -> list[str]:
    return [row["loyalty"]["tier"] for row in found.at(START + timedelta(**after)).values()]


def test_profiles_are_as_the_lake_has_them(tmp_path: Path) -> None:
    assert tiers(store(tmp_path)) == ["gold", "gold", "gold", "silver"]


def test_without_a_folder_there_is_nobody(tmp_path: Path) -> None:
    assert not ProfileStore(tmp_path, START).at(START)


@pytest.mark.parametrize(
    ("at", "hours"), [("+2h", 2), ("+7200s", 2), ("+120m", 2), ("+1d", 24), ("2027-01-01T05:00:00Z", 5)]
)
def test_dated_changes_take_place_in_time(tmp_path: Path, at: str, hours: int) -> None:
    found = store(tmp_path, changes=[change(4, at, loyalty__tier="gold")])
    assert tiers(found, hours=hours, seconds=-1)[3] == "silver"
    assert tiers(found, hours=hours)[3] == "gold"
    assert tiers(found)[3] == "silver"


def test_changes_reach_everybody_with_the_identity(tmp_path: Path) -> None:
    twice = [profile(1), profile(1)]
    found = store(tmp_path, profiles=twice, changes=[change(1, "+1h", loyalty__tier=None)])
    assert [row["loyalty"] for row in found.at(START + timedelta(hours=1)).values()] == [{"points": 500}] * 2


def test_changes_by_hand_last_until_the_restart(tmp_path: Path) -> None:
    found = store(tmp_path)
    later = START + timedelta(hours=3)
    assert found.change(("Email", "p4@example.com"), {"loyalty.tier": "gold"}, later) == 1
    assert found.change(("Email", "nobody@example.com"), {}, later) == 0
    assert tiers(found, hours=3)[3] == "gold"
    assert tiers(found, hours=2)[3] == "silver"
    found.restart(later)
    assert found.started == later
    assert tiers(found, hours=3)[3] == "silver"


def test_files_may_be_added_at_any_time(tmp_path: Path) -> None:
    found = store(tmp_path)
    before = set(found.at(START))
    (tmp_path / "_profiles" / "more.ndjson").write_text(json.dumps(profile(9)) + "\n\n")
    assert len(found.at(START)) == 5
    assert before < set(found.at(START))


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("x.ndjson", "{", "x.ndjson:1 is not JSON"),
        ("x.ndjson", "\n[]", "x.ndjson:2 must be an object"),
        ("x.ndjson", "{}", "needs an identityMap"),
        ("x.ndjson", '{"identityMap": {"Email": ["secret"]}}', "needs an identityMap"),
        ("x.ndjson", '{"identityMap": {"Email": []}}', "has no identity"),
        ("changes.ndjson", '{"at": "+1h"}', "must have at, identity and set"),
        ("changes.ndjson", '{"at": "soon", "identity": {"Email": "secret"}, "set": {}}', "is not a change"),
        ("changes.ndjson", '{"at": "+1h", "identity": {}, "set": {}}', "one namespace"),
    ],
)
def test_disorder_is_told_by_place_and_without_content(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    found = store(tmp_path)
    (tmp_path / "_profiles" / name).write_text(text)
    with pytest.raises(LakeError, match=complaint) as caught:
        found.at(START)
    assert "secret" not in str(caught.value)


def test_an_identity_has_one_namespace() -> None:
    assert identity_of({"Email": "a"}) == ("Email", "a")
    for wrong in ("Email", {}, {"a": 1, "b": 2}):
        with pytest.raises(ValueError, match="one namespace"):
            identity_of(wrong)


def test_a_folder_under_change_is_disorder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = store(tmp_path)

    def vanished(*_: object) -> bytes:
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(Path, "read_bytes", vanished)
    with pytest.raises(LakeError, match="No such file"):
        found.at(START)
    monkeypatch.undo()
    assert len(found.at(START)) == 4
