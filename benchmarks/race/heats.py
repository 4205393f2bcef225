"""What is raced: deliveries that nothing disturbs, deliveries with an answer lost, deliveries with a file damaged."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from benchmarks.race.contestants import Contestant
from benchmarks.race.deliveries import FORMS, ONE_DELIVERY, Config, config
from benchmarks.race.figures import Disturbed, Lap, Undisturbed
from benchmarks.race.sabotage import DAMAGES, Sabotage
from benchmarks.race.track import Track

WHOLE, NOT_WHOLE = 0, 3
MOST_STARTS = 5
"""So often a user runs again what has failed."""
_RUN = ("POST", r"/disflowprovider/adhocrun$")
LOST = {
    "audiences": {"audiences": ("PATCH", r"/flowservice/flows/"), "runs": _RUN},
    "datasets": {
        **{
            kind: ("POST", rf"/flowservice/{kind}$")
            for kind in ("connections", "sourceConnections", "targetConnections", "flows")
        },
        "runs": _RUN,
    },
}
"""By what is delivered and what is made: the call whose first answer gets lost."""
Tell = Callable[[str], None]


def undisturbed(
    track: Track, course: str, contestants: tuple[Contestant, ...], rounds: int, tell: Tell
) -> dict[str, Undisturbed]:
    """One delivery of each form in each round; the contestants take turns.

    Raises:
        RuntimeError: A contestant failed where nothing was in its way.
    """
    laps: dict[str, list[Lap]] = {contestant.key: [] for contestant in contestants}
    for number in range(rounds):
        for contestant in contestants:
            for form in FORMS[course]:
                track.clear()
                start = track.start(contestant, _delivery(track, contestant, f"clear-{number}", form))
                if start.code != WHOLE:
                    raise RuntimeError(f"{contestant.name} ended with {start.code}:\n{start.said}")
                laps[contestant.key].append(Lap(*track.calls(), wall=start.wall, cpu=start.cpu))
            tell(f"{course}, round {number + 1} of {rounds}: {contestant.name} {laps[contestant.key][-1]}")
    return {key: _median(taken) for key, taken in laps.items()}


def with_answers_lost(
    track: Track, course: str, contestants: tuple[Contestant, ...], tell: Tell
) -> dict[str, Disturbed]:
    """As many deliveries as there are things to make; of each, the first answer to the making of one gets lost.

    A contestant that fails is started again by its user, until it says that all is well or five starts are done.
    """
    return {contestant.key: _with_answers_lost(track, course, contestant, tell) for contestant in contestants}


def _with_answers_lost(track: Track, course: str, contestant: Contestant, tell: Tell) -> Disturbed:
    starts, calls, well = 0, 0, 0
    left = dict.fromkeys(ONE_DELIVERY[course], 0)
    for kind, (method, path) in LOST[course].items():
        track.clear()
        delivery = _delivery(track, contestant, f"lost-{kind}", FORMS[course][0])
        track.control("POST", "faults", {"method": method, "path": path, "action": {"type": "lose-answer"}})
        codes: list[int] = []
        while WHOLE not in codes and len(codes) < MOST_STARTS:
            codes.append(track.start(contestant, delivery).code)
        assert track.control("GET", "faults")["faults"][0]["hits"] == 1, "the answer was not lost"
        starts += len(codes)
        well += WHOLE in codes
        calls += track.calls()[0]
        over = {each: max(0, count - ONE_DELIVERY[course][each]) for each, count in track.counts().items()}
        left = {each: left[each] + count for each, count in over.items()}
        tell(f"{course}, answer lost about {kind}: {contestant.name} ended with {codes}, too many: {over}")
    return Disturbed(deliveries=len(LOST[course]), starts=starts, well=well, calls=calls, left_over=left)


def with_files_damaged(track: Track, contestants: tuple[Contestant, ...], tell: Tell) -> dict[str, dict[str, bool]]:
    """Who notices which damage, done between Adobe's run and the check.

    Raises:
        RuntimeError: A contestant failed in another way.
    """
    found: dict[str, dict[str, bool]] = {contestant.key: {} for contestant in contestants}
    for contestant in contestants:
        for number, (what, form, damage) in enumerate(DAMAGES):
            track.clear()
            delivery = _delivery(track, contestant, f"damaged-{number}", form)
            with Sabotage(track, delivery, damage) as sabotage:
                start = track.start(contestant, delivery)
            assert sabotage.done, "nothing was damaged"
            if start.code not in {WHOLE, NOT_WHOLE}:
                raise RuntimeError(f"{contestant.name} failed:\n{start.said}")
            found[contestant.key][f"{form}: {what}"] = start.code == NOT_WHOLE
            tell(f"damaged: {contestant.name}, {form} {what}: {'noticed' if start.code else 'not noticed'}")
    return found


def _delivery(track: Track, contestant: Contestant, occasion: str, form: str) -> Config:
    return config(f"{contestant.key}-{occasion}-{form}".lower(), form, track.now())


def _median(laps: list[Lap]) -> Undisturbed:
    return Undisturbed(
        laps=len(laps),
        calls=statistics.median(lap.calls for lap in laps),
        looks=statistics.median(lap.looks for lap in laps),
        wall=statistics.median(lap.wall for lap in laps),
        cpu=statistics.median(lap.cpu for lap in laps),
    )
