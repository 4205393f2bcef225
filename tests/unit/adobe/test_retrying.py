from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.errors import Action, AdobeProblem, AdobeTransientError
from aep_delivery.adobe.retrying import LONGEST_RETRY_AFTER, Retries, answer_date, retry_after_seconds
from aep_delivery.runtime.clock import FixedClock

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def failure(action: Action = Action.REPEAT, wait: float | None = None) -> AdobeTransientError:
    problem = AdobeProblem(shape="H", http_status=503, code=None, message="busy")
    return AdobeTransientError("busy", code="x", problem=problem, action=action, retry_after_seconds=wait)


class Failing:
    def __init__(self, *failures: AdobeTransientError) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def test_t07_what_is_asked_for_is_waited(clock: FixedClock) -> None:
    assert Retries(clock).call(Failing(failure(wait=7.0))) == "done"
    assert clock.slept == [7.0]


def test_three_tries_and_no_more(clock: FixedClock) -> None:
    attempt = Failing(*[failure() for _ in range(5)])

    with pytest.raises(AdobeTransientError):
        Retries(clock).call(attempt)

    assert attempt.calls == 3


def test_a_longer_wait_is_left_to_the_workflow(clock: FixedClock) -> None:
    attempt = Failing(failure(wait=21.0))

    with pytest.raises(AdobeTransientError) as caught:
        Retries(clock).call(attempt)

    assert caught.value.retry_after_seconds == 21.0
    assert clock.slept == []
    assert attempt.calls == 1


def test_the_budget_is_for_all_waits_together(clock: FixedClock) -> None:
    with pytest.raises(AdobeTransientError):
        Retries(clock, tries=9).call(Failing(*[failure(wait=9.0) for _ in range(9)]))

    assert clock.slept == [9.0, 9.0]


def test_the_budget_may_be_used_up(clock: FixedClock) -> None:
    assert Retries(clock).call(Failing(failure(wait=12.0), failure(wait=8.0))) == "done"
    assert clock.slept == [12.0, 8.0]


@pytest.mark.parametrize("action", [Action.WAIT, Action.REREAD, Action.STOP, Action.REFRESH_TOKEN])
def test_only_what_repeating_may_mend_is_repeated(clock: FixedClock, action: Action) -> None:
    attempt = Failing(failure(action))

    with pytest.raises(AdobeTransientError):
        Retries(clock).call(attempt)

    assert attempt.calls == 1


def test_t08_without_a_wish_it_is_backed_off_with_full_jitter(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retries, "jitter", lambda self, seconds: seconds)

    Retries(clock).call(Failing(failure(), failure()))

    assert clock.slept == [1.0, 2.0]


@given(st.floats(0, 100))
def test_jitter_is_a_share_of_the_wait(seconds: float) -> None:
    assert 0 <= Retries(FixedClock(NOW)).jitter(seconds) <= seconds


def test_backoff_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Retries, "jitter", lambda self, seconds: seconds)

    assert [Retries(FixedClock(NOW)).backoff(number) for number in range(1, 7)] == [1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": format_datetime(NOW + timedelta(seconds=30), usegmt=True)}, 30.0),
        ({"Retry-After": format_datetime(NOW - timedelta(seconds=30), usegmt=True)}, 0.0),
        ({"Retry-After": "Sunday, 06-Nov-94 08:49:37 GMT"}, 0.0),
        ({"Retry-After": "86400"}, LONGEST_RETRY_AFTER),
        ({"Retry-After": "86401"}, LONGEST_RETRY_AFTER),
        ({"Retry-After": format_datetime(NOW + timedelta(days=99), usegmt=True)}, LONGEST_RETRY_AFTER),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "Xyz, 99 Foo 2026 99:99:99 GMT"}, None),
        ({}, None),
    ],
)
def test_t08_retry_after_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(httpx.Headers(headers), now=NOW) == seconds


def test_a_date_is_counted_from_the_clock_that_wrote_it() -> None:
    adobes = NOW + timedelta(hours=5)
    headers = {
        "Date": format_datetime(adobes, usegmt=True),
        "Retry-After": format_datetime(adobes + timedelta(seconds=9), usegmt=True),
    }

    assert retry_after_seconds(httpx.Headers(headers), now=NOW) == 9.0


def test_an_answer_without_a_readable_date_has_none() -> None:
    assert answer_date(httpx.Headers({})) is None
    assert answer_date(httpx.Headers({"Date": "yesterday"})) is None


@pytest.fixture
def _in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On a machine whose own time is another."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_in_tokyo")
@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_a_date_is_aware_whatever_its_zone_is_called_and_wherever_we_are(zone: str) -> None:
    moment = answer_date(httpx.Headers({"Date": f"Mon, 05 Jan 2026 12:00:00 {zone}"}))

    assert moment == NOW
    assert moment.tzinfo is UTC


def test_a_date_of_another_zone_is_the_same_moment() -> None:
    moment = answer_date(httpx.Headers({"Date": "Mon, 05 Jan 2026 14:00:00 +0200"}))

    assert moment == NOW
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Fri, 31 Dec 2000 23:59:59 +99999999999999999",
    ],
)
def test_a_date_that_no_calendar_has_is_none(date: str) -> None:
    assert answer_date(httpx.Headers({"Date": date})) is None
    assert retry_after_seconds(httpx.Headers({"Retry-After": date}), now=NOW) is None


@pytest.mark.parametrize("asked", ["9" * 400, "86401", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_made_to_wait_for_more_than_a_day(asked: str) -> None:
    assert retry_after_seconds(httpx.Headers({"Retry-After": asked}), now=NOW) == 86_400
