"""Damage of every kind is found, with the verdict and the code that the documentation gives for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from tests.proof.corruption.bases import bases, name_of
from tests.proof.corruption.contents import seeded
from tests.proof.corruption.deliveries import Delivery
from tests.proof.corruption.every_kind import GROUPS, kinds_of
from tests.proof.corruption.kinds import KINDS, Kind
from tests.proof.corruption.limits import LIMITS, Limit
from tests.proof.corruption.verifying import errors, remarks, seconds_to_divide, told, verify
from tests.proof.figures import PROOF, write_figures

pytestmark = pytest.mark.usefixtures("silence")
_MEANWHILE = "meanwhile"
"""Kinds of damage that come about while files are read."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> list[Delivery]:
    """The deliveries that damage is done to."""
    return list(bases(tmp_path_factory.mktemp("lakes")))


@dataclass
class Tally:
    """What came of many damaged deliveries."""

    cases: int = 0
    forms: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    divided: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: Kind, before: Delivery, damaged: Delivery) -> None:
        """Verify one more, whole."""
        same = (damaged.files, damaged.outcome) == (before.files, before.outcome)
        assert not same or kind.name.startswith(_MEANWHILE), f"{kind} leaves {name_of(before)} as it is"
        self.cases += 1
        self.kinds.add(kind.name)
        self.forms.add(name_of(before))
        report = verify(damaged, make=kind.reader)
        found, expected = errors(report), kind.verdict_of(damaged, before)
        if report.verdict is not expected or not found & kind.codes:
            self.wrong.append(f"{kind} in {name_of(before)}: {report.verdict} for {sorted(found)}, not {expected}")

    def compare(self, kind: Kind, before: Delivery, damaged: Delivery) -> None:
        """Verify one more, its largest file by several functions: nothing may be said otherwise."""
        if not damaged.data or not any(damaged.files[key] for key in damaged.data):
            return
        report = verify(damaged, seconds_to_divide(damaged))
        if "file.too-large-to-check" not in remarks(report):
            self.divided += 1
            if told(report) != told(verify(damaged)):
                self.wrong.append(
                    f"{kind} in {name_of(before)}: in parts {report.verdict} for {sorted(errors(report))}"
                )


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 60
    assert {kind.group for kind in KINDS} == GROUPS.keys()


def test_the_deliveries_are_sound_before_they_are_damaged(sound: list[Delivery]) -> None:
    for before in sound:
        assert verify(before).verdict == "VERIFIED", name_of(before)


@pytest.mark.parametrize("group", GROUPS)
def test_a_sample_of_damage_is_found(sound: list[Delivery], group: str) -> None:
    """Each kind once, in another form of delivery and at another place each."""
    random, tally = seeded(8), Tally()
    for kind in kinds_of(group):
        choices = [before for before in sound if kind.applies(before) and "large" not in before.traits]
        random.shuffle(choices)
        found = ((before, list(kind.inflict(before, random))) for before in choices)
        before, damaged = next((before, several) for before, several in found if several)
        tally.add(kind, before, random.choice(damaged))

    assert tally.wrong == []


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("group", GROUPS)
def test_all_damage_is_found(sound: list[Delivery], group: str) -> None:
    """Each kind in each form of delivery, at several places of several files; by one function, and by several."""
    started, random, tally = time.monotonic(), seeded(8), Tally()
    for kind in kinds_of(group):
        for before in filter(kind.applies, sound):
            for damaged in kind.inflict(before, random):
                tally.add(kind, before, damaged)
                if not kind.name.startswith(_MEANWHILE):
                    tally.compare(kind, before, damaged)

    write_figures(
        f"damage-{group}",
        damage=GROUPS[group],
        kinds=len(tally.kinds),
        forms=len(tally.forms),
        deliveries=tally.cases,
        found=tally.cases - sum("in parts" not in wrong for wrong in tally.wrong),
        divided=tally.divided,
        otherwise=sum("in parts" in wrong for wrong in tally.wrong),
        seconds=time.monotonic() - started,
    )
    assert tally.wrong == []


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_cannot_be_seen_is_not_claimed(sound: list[Delivery], limit: Limit) -> None:
    """Such damage leaves a delivery verified, and what its receipt says of the proof is true all the same."""
    random, hits = seeded(8), 0
    for before in filter(limit.applies, sound):
        for damaged in islice(limit.inflict(before, random), None if PROOF else 1):
            hits += 1
            report = verify(damaged)
            assert (damaged.files, damaged.form) != (before.files, before.form)
            assert report.verdict == "VERIFIED", f"{name_of(before)}: {report.reason}"
            assert limit.told(report), f"{name_of(before)}: {report.reason}"
    assert hits


def test_what_cannot_be_seen_is_documented() -> None:
    said = " ".join(Path("docs/explanation/what-verified-means.md").read_text().split())
    assert [limit.name for limit in LIMITS if limit.said not in said] == []
