from __future__ import annotations

import math

import pytest

from aep_delivery.runtime.time_left import counting_down, seconds_left


def test_on_ones_own_machine_time_never_ends() -> None:
    assert seconds_left() == math.inf


def test_in_a_function_it_is_what_the_platform_says_at_the_moment() -> None:
    left = [60_000, 250]
    with counting_down(lambda: left.pop(0)):
        assert seconds_left() == 60
        assert seconds_left() == 0.25


def test_an_invocation_leaves_nothing_behind() -> None:
    with pytest.raises(KeyError), counting_down(lambda: 1000):
        raise KeyError
    assert seconds_left() == math.inf
