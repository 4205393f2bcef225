from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.state.lock import LockHeldError, LockLostError, LockRecord

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
TTL = timedelta(minutes=10)


def held(owner: str = "one", *, now: datetime = NOON) -> LockRecord:
    return LockRecord(token=6).acquire("prod/planes", owner, ttl=TTL, now=now)


def test_a_later_holder_has_a_higher_token_even_after_a_renewal() -> None:
    first = held()
    assert first.holder is not None
    renewed = first.renew(first.holder, ttl=2 * TTL, now=NOON)
    again = renewed.acquire("prod/planes", "one", ttl=TTL, now=NOON)

    later = again.release("one").acquire("prod/planes", "two", ttl=TTL, now=NOON)

    assert [record.token for record in (first, renewed, again, later)] == [7, 7, 7, 8]


@given(
    st.lists(
        st.tuples(st.sampled_from(["acquire", "renew", "release"]), st.sampled_from("abc"), st.integers(0, 12)),
        max_size=30,
    )
)
def test_a_token_has_one_holder_for_ever(steps: list[tuple[str, str, int]]) -> None:
    record, now = LockRecord(), NOON
    holders: dict[int, str] = {}
    for step, owner, minutes in steps:
        now += timedelta(minutes=minutes)
        try:
            match step:
                case "acquire":
                    record = record.acquire("prod/planes", owner, ttl=TTL, now=now)
                case "renew" if record.holder is not None:
                    record = record.renew(record.holder.model_copy(update={"owner": owner}), ttl=TTL, now=now)
                case "release":
                    record = record.release(owner)
        except (LockHeldError, LockLostError):
            continue
        if record.holder is not None:
            assert record.holder.token == record.token
            assert holders.setdefault(record.token, record.holder.owner) == record.holder.owner
            assert record.token == max(holders)


def test_who_finds_it_held_is_told_by_whom_and_what_to_do() -> None:
    with pytest.raises(LockHeldError) as caught:
        held().acquire("prod/planes", "two", ttl=TTL, now=NOON)

    document = caught.value.document()
    assert (document.code, document.place) == ("state.delivery-locked", "prod/planes")
    assert "one" in document.message
    assert document.hint


def test_who_has_lost_it_is_told_of_which_delivery() -> None:
    record = held()
    assert record.holder is not None

    for lost in (record.release("one"), held("two", now=NOON + TTL)):
        with pytest.raises(LockLostError) as caught:
            lost.check(record.holder, now=NOON)
        document = caught.value.document()
        assert (document.code, document.place) == ("state.lock-lost", "prod/planes")
        assert "one" in document.message
