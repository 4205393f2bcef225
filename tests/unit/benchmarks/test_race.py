"""The race is fair: its deliveries are what they say, its scripts work, and its figures are reckoned right."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import httpx
import pytest

from aep_delivery.config.load import load_config
from benchmarks.race.__main__ import PAGE
from benchmarks.race.contestants import AEPP, ALL, DEPLOYED, HTTPX, OURS, PEERS
from benchmarks.race.deliveries import AUDIENCES, DATASETS, FORMS, ONE_DELIVERY, config, for_scripts
from benchmarks.race.figures import BEGIN, END, Disturbed, Results, Undisturbed, into, tables
from benchmarks.race.heats import LOST
from benchmarks.race.sabotage import DAMAGES
from emulator.adobe import server
from emulator.adobe.server import Emulator
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, DEFAULT_SCOPES
from emulator.adobe.sinks import Sinks
from tests.faults.harness import NoStorage

MORNING = datetime(2027, 1, 1, 0, 10, tzinfo=UTC)
EVERY_FORM = [form for forms in FORMS.values() for form in forms]
LAKE = Path(__file__).parents[3] / "examples" / "lake"


@pytest.mark.parametrize("form", EVERY_FORM)
def test_the_config_is_valid_and_scripts_are_told_the_same(form: str):
    ours = config("a-delivery", form, MORNING)
    loaded = load_config(json.dumps(ours).encode(), "a-delivery.json")
    told = for_scripts(ours)
    assert loaded.delivery_id == "prod/a-delivery"
    assert told.get("datasets", told.get("audiences")) == list(AUDIENCES if form == "CSV" else DATASETS)
    assert told["fileType"] == form
    assert "secret" not in json.dumps(told)


def test_what_is_counted_for_each_course_is_what_gets_lost_in_it():
    for course, answers in LOST.items():
        assert {kind for kind in answers if ONE_DELIVERY[course][kind] < 1} == set()


def test_damages_do_what_they_say():
    content = gzip.compress(b'{"a": 1}\n{"a": 2}\n')
    done = {what: damage(content) for what, form, damage in DAMAGES if damage is not None and form == "JSON"}
    assert len(done["cut in half"]) == len(content) // 2
    changed = [a ^ b for a, b in zip(done["one bit flipped"], content, strict=True) if a != b]
    assert [value.bit_count() for value in changed] == [1]
    assert gzip.decompress(done["rewritten with a row less"]) == b'{"a": 1}\n'


def test_scripts_know_no_more_files_than_they_have_and_ours_needs_none():
    assert {contestant.key: contestant.lines() > 100 for contestant in ALL} == {
        "ours": False, "deployed": False, "aepp": True, "httpx": True, "looking": True,
    }  # fmt: skip
    assert [contestant.is_peer for contestant in (OURS, DEPLOYED, AEPP, HTTPX)] == [False, False, True, True]


def test_ratios_are_to_us_and_sums_are_over_all_that_was_delivered():
    ours = Undisturbed(laps=3, calls=20, looks=2, wall=4.0, cpu=2.0)
    peer = Undisturbed(laps=3, calls=10, looks=3, wall=1.0, cpu=1.0)
    none = Disturbed(deliveries=2, starts=2, well=2, calls=50, left_over={"flows": 0, "runs": 0})
    some = Disturbed(
        deliveries=2, starts=7, well=1, calls=30, left_over={"connections": 1, "targetConnections": 2, "flows": 1}
    )
    results = Results(
        day="2027-01-01",
        machine="a machine",
        load="1.0 before, 1.0 at the end",
        command="make bench ROUNDS=3",
        undisturbed={"datasets": {"ours": ours, "aepp": peer}},
        lost={"audiences": {"ours": none, "aepp": some}, "datasets": {"ours": none, "aepp": some}},
        damaged={"ours": {"JSON: deleted": True}, "aepp": {"JSON: deleted": False}},
    )
    text = tables(results, ALL)
    assert "| aepp script | 10 | 3 | 0.50 | 0.25 | 0.50 |" in text
    assert "| aepp script | 14 | 2 of 4 | 6 | 2 | 0 |" in text
    assert "| ours, steps in one process | 4 | 4 of 4 | 0 | 0 | 0 |" in text
    assert "| JSON: deleted | noticed | **not noticed** |" in text
    assert Results.model_validate_json(results.model_dump_json()) == results


def test_figures_take_the_place_of_the_last_ones_and_of_nothing_else():
    page = f"above\n{BEGIN}\nold\n{END}\nbelow {END}\n"
    assert into(page, "new") == f"above\n{BEGIN}\n\nnew\n{END}\nbelow {END}\n"
    with pytest.raises(ValueError, match="no place"):
        into("above", "new")


def test_the_page_has_a_place_for_figures():
    page = PAGE.read_text("utf-8")
    assert into(page, "new") != page


@pytest.fixture(scope="module")
def adobe() -> Iterator[Emulator]:
    with server.start(
        LAKE,
        start=MORNING,
        speed=600.0,
        token_lifetime=10**7,
        adhoc_ready_after=0.0,
        adhoc_audience_ready_after=0.0,
        settle_after=0.0,
        vary=False,
    ) as emulator:
        emulator.world.sinks = cast("Sinks", NoStorage())
        yield emulator


@pytest.fixture
def script(adobe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The httpx script, which finds nothing wrong with files."""
    environment = {
        "ADOBE_URL": adobe.base_url,
        "ADOBE_CLIENT_ID": DEFAULT_CLIENT_ID,
        "ADOBE_CLIENT_SECRET": DEFAULT_CLIENT_SECRET,
        "ADOBE_ORG": DEFAULT_ORG,
        "ADOBE_SCOPES": ",".join(DEFAULT_SCOPES),
        "ADOBE_SPEED": "600",
        "S3_ACCESS_KEY": "AKIAIOSFODNN7EXAMPLE",
        "S3_SECRET_KEY": "Aa" * 20,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(PEERS))
    before = set(sys.modules)
    module = importlib.import_module("httpx_script")
    monkeypatch.setattr(module.delivered_files, "problems", lambda delivery, run: [])
    httpx.post(f"{adobe.base_url}/_emulator/reset")
    yield module
    for name in ("httpx_script", "request_bodies", "notebook", "delivered_files"):
        assert name not in before
        del sys.modules[name]


def counts(adobe: Emulator) -> dict[str, int]:
    sandbox = httpx.get(f"{adobe.base_url}/_emulator/entities?sandbox=prod").json()["sandboxes"]["prod"]
    return {kind: sandbox[kind]["count"] for kind in ("connections", "sourceConnections", "targetConnections", "flows")}


def delivery(folder: Path, form: str) -> Path:
    told = for_scripts(config("a-delivery", form, MORNING))
    if "datasets" in told:
        told["datasets"] = ["Loyalty Profiles"]
    path = folder / "a-delivery.json"
    path.write_text(json.dumps(told))
    return path


@pytest.mark.parametrize("look_first", [False, True])
@pytest.mark.parametrize("course", FORMS)
def test_the_script_makes_one_of_each(
    course: str, look_first: bool, adobe: Emulator, script: ModuleType, tmp_path: Path
):
    assert script.main(delivery(tmp_path, FORMS[course][0]), look_first=look_first) == 0
    assert counts(adobe).items() <= ONE_DELIVERY[course].items()


@pytest.mark.parametrize(("look_first", "flows"), [(False, 2), (True, 1)])
def test_after_a_lost_answer_the_script_goes_on_and_only_one_that_looks_first_leaves_nothing_over(
    look_first: bool, flows: int, adobe: Emulator, script: ModuleType, tmp_path: Path
):
    method, path = LOST["datasets"]["flows"]
    fault: dict[str, Any] = {"method": method, "path": path, "action": {"type": "lose-answer"}}
    assert httpx.post(f"{adobe.base_url}/_emulator/faults", json=fault).status_code == 201
    file = delivery(tmp_path, "JSON")
    with pytest.raises(httpx.RemoteProtocolError):
        script.main(file, look_first=look_first)
    assert script.main(file, look_first=look_first) == 0
    assert counts(adobe) == {"connections": 1, "sourceConnections": 1, "targetConnections": 1, "flows": flows}
