"""Damaged configs, thousands of them: each is a config all the same, or is refused with code, place and hint."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest

from aep_delivery.cli.sarif import sarif_log
from aep_delivery.cli.validation import Checked, Validation
from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import MAX_DIAGNOSTICS, load_config, load_config_files
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.config_document import ConfigDocument
from tests.proof.figures import PROOF, write_figures
from tests.proof.hostile.config_extremes import EXTREMES, SOME_EXTREMES
from tests.proof.hostile.config_mutations import MUTATIONS, Hostile, bases, hostile_configs
from tests.proof.hostile.empty_adobe import plan_in_empty_adobe
from tests.proof.hostile.judging import Tally, faults_of_refusal, faults_of_text, peak_memory
from tests.unit.docs.pages import ROOT

SECONDS = 2.0
"""Of processor time, for a config of any size and its plan."""
SECONDS_OF_THE_LARGEST = 10.0
CONFIGS = ROOT / "tests/unit/config"
WRITTEN = sorted(Path(__file__).parent.glob("configs/*.yaml"))
_PLACE = re.compile(r"[\w.-]+:\d+:\d+")


def read(hostile: Hostile) -> DeliveryConfig:
    """As the first step of the workflow and ``aep-delivery validate`` do; what is kept of it is read back, too."""
    files = {**bases(), hostile.name: hostile.text}

    def read_file(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    composed, config = load_config_files(hostile.name, read_file)
    document = ConfigDocument.of(composed, config)
    again = ConfigDocument.model_validate_json(document.model_dump_json()).delivery()
    assert again == config
    assert again.fingerprint == config.fingerprint
    return again


def faults_of(error: DeliveryError) -> Iterator[str]:
    """What is wrong with how a config was refused, for a person and for a program that annotates lines."""
    yield from faults_of_refusal(error)
    if not isinstance(error, ConfigError):
        yield f"a {type(error).__name__}"
        return
    yield from faults_of_text(render(error.diagnostics))
    if not 1 <= len(error.diagnostics) <= MAX_DIAGNOSTICS:
        yield f"{len(error.diagnostics)} diagnostics"
    if not _PLACE.fullmatch(error.place or ""):
        yield f"the place is {error.place}"
    yield from (f"{one.code} has no hint" for one in error.diagnostics if not one.hint)
    checked = Checked(file="crm.yaml", valid=False, diagnostics=error.diagnostics)
    yield from faults_of_text(json.dumps(sarif_log(Validation(valid=False, files=[checked]), None), ensure_ascii=False))


def try_out(configs: Iterable[Hostile], seconds: float = SECONDS) -> tuple[Tally, Tally]:
    """Read each, and plan those that are configs all the same."""
    tally, plans = Tally(), Tally()
    for hostile in configs:
        what = f"{hostile.how}: {hostile.text[:4000]!r}"
        config = tally.judge(what, partial(read, hostile), seconds=seconds, refused=faults_of)
        if config is not None:
            plans.judge(what, partial(plan_in_empty_adobe, config), seconds=seconds)
    return tally, plans


@pytest.mark.timeout(120)
def test_a_sample_of_damaged_configs() -> None:
    """Each kind of damage a few times."""
    tally, plans = try_out(hostile_configs(8, 2 * len(MUTATIONS)))

    assert tally.wrong == []
    assert plans.wrong == []
    assert tally.accepted
    assert tally.accepted < tally.total


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(3600)
def test_ten_thousand_damaged_configs() -> None:
    started = time.monotonic()
    tally, plans = try_out(hostile_configs(1, 10_500))
    peak = peak_memory()

    write_figures(
        "hostile-configs",
        hostile="Damaged configs",
        tried=tally.total,
        accepted=plans.accepted,
        refused=tally.total - plans.accepted,
        wrong=len(tally.wrong) + len(plans.wrong),
        slowest=round(max(tally.slowest, plans.slowest), 2),
        mebibytes=peak,
        seconds=time.monotonic() - started,
        ends=dict(tally.ends.most_common()),
    )
    assert tally.wrong == []
    assert plans.wrong == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_written_one_is_explained(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(path.read_bytes(), path.name)
    assert render(caught.value.diagnostics) == path.with_suffix(".expected").read_text(encoding="utf-8")
    assert list(faults_of(caught.value)) == []


def test_there_are_two_hundred_written_ones() -> None:
    assert len([*WRITTEN, *CONFIGS.glob("bad/*.yaml"), *CONFIGS.glob("bad_parts/*/crm.yaml")]) >= 200


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted(EXTREMES if PROOF else SOME_EXTREMES))
def test_what_is_as_large_as_a_config_may_be(name: str) -> None:
    """In the time that the first step of the workflow has many times over."""
    text, code = EXTREMES[name]

    tally, plans = try_out([Hostile(name, "crm.yaml", text)], SECONDS_OF_THE_LARGEST)

    assert (tally.wrong, plans.wrong) == ([], [])
    assert tally.ends == {code: 1}
