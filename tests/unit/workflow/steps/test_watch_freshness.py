from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from aep_delivery.runtime.figures import FIGURES
from aep_delivery.runtime.metrics import collected
from aep_delivery.state.watching import Freshness
from aep_delivery.workflow.freshness_check import LATE
from aep_delivery.workflow.steps import watch_freshness as step
from aep_delivery.workflow.watch_messages import WatchFreshness
from tests.unit.workflow.conftest import NOW


@pytest.fixture
def look(services, monkeypatch, capsys):
    """The figures of a look that finds what a test says."""
    monkeypatch.setattr(step, "applied_flow", lambda *_: SimpleNamespace(applied=None, flow_id="f", since=NOW))
    monkeypatch.setattr(step, "watched", lambda *_: None)
    monkeypatch.setattr(step, "tell_once", lambda *_: 0)
    monkeypatch.setattr(step, "_credentials", lambda *_: {})

    def act(found, verified_at):
        freshness = Freshness(
            checked_at=NOW, flow_id="f", config_fingerprint="c", expected_since=NOW, last_verified_at=verified_at
        )
        check = SimpleNamespace(look=lambda _: (freshness, found))
        monkeypatch.setattr(step, "FreshnessCheck", lambda *_: check)
        with collected():
            step.watch_freshness(WatchFreshness(execution="w-1", delivery_id="prod/crm"), services)
        [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {name: line[name] for name in FIGURES if name in line}

    return act


def test_a_look_counts_what_is_wrong_and_how_old_the_last_good_verdict_is(look):
    assert look({LATE: None}, NOW - timedelta(hours=3)) == {
        "DeliveriesLate": [1.0],
        "SchedulesEnding": [0.0],
        "DataflowsDisabled": [0.0],
        "CredentialsExpiring": [0.0],
        "SecondsSinceVerified": [3 * 3600.0],
    }


def test_a_delivery_that_was_never_verified_has_no_age(look):
    assert "SecondsSinceVerified" not in look({}, None)
