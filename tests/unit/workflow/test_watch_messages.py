from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from aep_delivery.workflow.watch_messages import FoundRun, FoundRuns

ROOT = Path(__file__).parents[3]
STATE_INPUT = 256 * 1024


@pytest.mark.parametrize("name", ["find_runs", "start_verifications", "load_run", "watch_freshness"])
def test_there_is_a_handler(name):
    spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / "functions" / name / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.handler)


def test_a_thousand_deliveries_after_an_outage_fit_into_the_state_of_a_workflow():
    run = FoundRun(run_id="r" * 36, created_at="2027-01-01T00:00:00.123456Z", attempt=1)
    found = FoundRuns(delivery_id="production/" + "d" * 20, runs=[run], waiting=120)
    text = json.dumps({"deliveries": [found.model_dump(mode="json", by_alias=True)] * 1000})
    assert len(text) < STATE_INPUT
