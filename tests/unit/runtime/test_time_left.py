from __future__ import annotations

import math

import pytest

from aep_delivery.runtime import time_left


def test_on_ones_own_machine_time_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_left, "_milliseconds", None)
    assert time_left.seconds_left() == math.inf


def test_in_a_function_it_is_what_the_platform_says_at_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_left, "_milliseconds", None)
    left = [60_000, 250]
    time_left.starts(lambda: left.pop(0))
    assert time_left.seconds_left() == 60
    assert time_left.seconds_left() == 0.25
