from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.adobe.audiences import DEFAULT_MERGE_POLICY, Audiences
from emulator.adobe.lake import LakeError

from .activation import AUDIENCES, GOLD, OTHER_POLICY, READERS, SPENDERS, profile


def audiences(folder: Path, text: str = AUDIENCES) -> Audiences:
    (folder / "audiences.yaml").write_text(text)
    return Audiences(folder)


def one(folder: Path, where: str, **fields: str) -> Audiences:
    more = "".join(f", {name}: {value}" for name, value in fields.items())
    return audiences(folder, f"audiences: [{{id: {GOLD}, name: n, where: {where}{more}}}]")


def test_audiences_are_read_with_their_defaults(tmp_path: Path) -> None:
    gold, readers, spenders = audiences(tmp_path).all()
    assert (gold.id, gold.name, gold.merge_policy) == (GOLD, "Loyalty Gold", DEFAULT_MERGE_POLICY)
    assert (readers.id, readers.description) == (READERS, "Who reads")
    assert (spenders.id, spenders.merge_policy) == (SPENDERS, OTHER_POLICY)


@pytest.mark.parametrize(
    ("where", "members", "pql"),
    [
        ("{loyalty.tier: gold}", [1, 2, 3], 'loyalty.tier = "gold"'),
        ("{loyalty.tier: [silver, bronze]}", [4], 'loyalty.tier in ["silver", "bronze"]'),
        ("{loyalty.points: {atLeast: 1000, below: 2000}}", [2, 3], "loyalty.points >= 1000 and loyalty.points < 2000"),
        ("{loyalty.tier: {not: gold}}", [4], 'loyalty.tier != "gold"'),
        ("{loyalty.tier: {exists: true}, loyalty.joined: {exists: false}}", [1, 2, 3, 4], None),
        ("{loyalty.tier: {atLeast: 1}}", [], "loyalty.tier >= 1"),
        ("{loyalty.tier: gold, homeAddress.countryCode: DE}", [2], None),
    ],
)
def test_rules_pick_profiles(tmp_path: Path, where: str, members: list[int], pql: str | None) -> None:
    (audience,) = one(tmp_path, where).all()
    people: dict[int, dict[str, Any]] = {number: profile(number) for number in (1, 2, 3)} | {4: profile(4, "silver")}
    assert [number for number, person in people.items() if audience.takes(person)] == members
    if pql is not None:
        assert audience.pql == pql


def test_an_audience_may_belong_to_sandboxes(tmp_path: Path) -> None:
    found = one(tmp_path, "{a: 1}", sandbox="dev", created="2026-12-31T12:00:00Z")
    assert found.of("prod") == []
    assert found.find("prod", GOLD) is None
    audience = found.find("dev", GOLD)
    assert audience is not None
    assert audience.created.isoformat() == "2026-12-31T12:00:00+00:00"


def test_the_file_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    found = audiences(tmp_path)
    assert len(found.all()) == 3
    one(tmp_path, "{a: 1}")
    assert len(found.all()) == 1
    (tmp_path / "audiences.yaml").unlink()
    assert found.all() == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "audiences: {}",
        "audiences: [x]",
        "audiences: [{id: not-a-uuid, name: n, where: {a: 1}}]",
        f"audiences: [{{id: {GOLD}, name: n}}]",
        f"audiences: [{{id: {GOLD}, name: n, where: {{}}}}]",
        f"audiences: [{{id: {GOLD}, name: n, where: {{a: {{like: 1}}}}}}]",
        f"audiences: [{{id: {GOLD}, name: n, where: {{a: 1}}, rule: x}}]",
        f"audiences: [{{id: {GOLD}, name: n, where: {{a: 1}}}}, {{id: {GOLD}, name: m, where: {{a: 1}}}}]",
    ],
)
def test_disorder_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(LakeError, match=r"audiences\.yaml"):
        audiences(tmp_path, text).all()
