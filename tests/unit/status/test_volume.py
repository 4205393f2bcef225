from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.status.volume import Entitlement, Weight, weigh

DAY = timedelta(days=1)


def test_what_the_licence_covers() -> None:
    assert Entitlement(profiles=2_000_000, kilobytes=700).bytes == 1_400_000_000_000
    assert Entitlement().bytes is None


@pytest.mark.parametrize(
    ("month", "begins", "ends"),
    [(1, (2026, 1), (2027, 1)), (11, (2026, 11), (2027, 11)), (12, (2025, 12), (2026, 12))],
)
def test_a_year_of_the_contract(now, month: int, begins: tuple[int, int], ends: tuple[int, int]) -> None:
    year = Entitlement(month=month).year(now)
    assert year == (datetime(*begins, 1, tzinfo=UTC), datetime(*ends, 1, tzinfo=UTC))


def test_the_pace_of_four_weeks_goes_on_to_the_end_of_the_year(record, ending, known, now) -> None:
    found = record().model_copy(update={"since": now - 100 * DAY})
    for days in range(60):
        found = found.with_ending(ending(f"e-{days}", ago=(59 - days) * DAY, bytes=100), known())
    weight = weigh(found, Entitlement(), None, now)
    assert weight.so_far == 6_000
    left = datetime(2027, 1, 1, tzinfo=UTC) - now
    assert weight.forecast == 6_000 + round(28 * 100 / 28 * (left / DAY))


def test_a_young_delivery_is_judged_by_its_days_so_far(record, ending, known, now) -> None:
    found = record().with_ending(ending(bytes=1_000), known())
    left = (datetime(2027, 1, 1, tzinfo=UTC) - now) / DAY
    assert weigh(found, Entitlement(), None, now).forecast == 1_000 + round(1_000 / 10 * left)


def test_nothing_is_exported_after_the_end_or_a_removal(record, ending, known, now) -> None:
    found = record().with_ending(ending(bytes=1_000), known())
    assert weigh(found, Entitlement(), now + 2 * DAY, now).forecast == 1_200
    assert weigh(found, Entitlement(), now - DAY, now).forecast == 1_000
    assert weigh(found.with_removal(now), Entitlement(), None, now) == Weight(1_000, 1_000)


def test_another_years_bytes_do_not_count(record, ending, known, now) -> None:
    found = record().with_ending(ending(ago=60 * DAY, bytes=5), known()).with_ending(ending("e-2", bytes=7), known())
    assert weigh(found, Entitlement(), now, now).so_far == 12
    assert weigh(found, Entitlement(month=11), now, now).so_far == 7
