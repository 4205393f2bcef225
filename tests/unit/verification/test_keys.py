from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.keys import KeyCounter


def test_each_key_once_is_sound() -> None:
    counter = KeyCounter()
    counter.add([("a", "1"), ("a", "2"), ("a1", "")])
    assert counter.count().model_dump() == {"rows": 3, "duplicates": 0, "share": 1.0, "unread": 0}


def test_a_key_in_two_files_is_there_twice() -> None:
    counter = KeyCounter()
    counter.add([("a",)])
    counter.add([("a",), ("b",)])
    assert counter.count().duplicates == 1


def test_rows_without_a_key_are_not_compared() -> None:
    counter = KeyCounter()
    counter.add([("",), ("",), ("", "")])
    assert counter.count().rows == 0


def test_above_its_bound_only_a_share_is_looked_at() -> None:
    counter = KeyCounter(max_keys=100)
    counter.add([(str(number),) for number in range(10_000)])
    found = counter.count()
    assert found.rows == 10_000
    assert found.duplicates == 0
    assert 1 / 512 <= found.share <= 1 / 32
    counter.add([(str(number),) for number in range(10_000)])
    assert counter.count().duplicates >= 10


@given(st.lists(st.integers(0, 30), max_size=80))
def test_below_its_bound_the_count_is_exact(keys: list[int]) -> None:
    counter = KeyCounter()
    counter.add([(str(key),) for key in keys])
    assert counter.count().duplicates == len(keys) - len(set(keys))


def test_no_key_is_kept_in_the_count() -> None:
    counter = KeyCounter()
    counter.add([("canary@example.com",), ("canary@example.com",)])
    assert "canary" not in counter.count().model_dump_json()
