"""The built template in the embedded cloud: a delivery ends verified, and every function answers from its built layers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.installation import Installation, install
from tests.workflow.bench import BUCKET, SECRET, Bench

pytestmark = pytest.mark.deploy

ROWS = 100


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    (folder / "orders").mkdir()
    (folder / "orders/dataset.json").write_text(json.dumps({"name": "Orders"}))
    (folder / "orders/rows.json").write_text("".join(json.dumps({"id": n}) + "\n" for n in range(ROWS)))
    return folder


@pytest.fixture(scope="module")
def installation(here: Path, lake: Path) -> Iterator[Installation]:
    template = here / "template.yaml"
    with install(lake, template=template, wait_scale=1 / 60, adhoc_ready_after=0.0) as installation:
        installation.add_destination(BUCKET, SECRET)
        yield installation


@pytest.fixture(scope="module")
def bench(installation: Installation, lake: Path) -> Iterator[Bench]:
    bench = Bench(installation, lake)
    yield bench
    bench.close()


def test_a_delivery_ends_verified(bench: Bench):
    ended = bench.deliver(bench.config())
    assert (ended.status, ended.verdict) == ("SUCCEEDED", "VERIFIED")
    assert ended.receipt["verification"]["rows"] == ROWS


def invoke(installation: Installation, function: str) -> dict[str, Any]:
    answer = installation.cloud.client("lambda").invoke(FunctionName=function, Payload=b'{"none": "of its own events"}')
    document = json.loads(answer["Payload"].read())
    return document if isinstance(document, dict) else {"answer": document}


def test_every_handler_is_loaded_from_the_artefact(installation: Installation):
    """An event that is not its own: the handler's own check of it answers, which it can only once all is imported."""
    functions = installation.cloud.client("lambda").list_functions(MaxItems=200)["Functions"]
    ours = [function["FunctionName"] for function in functions]
    assert len(ours) == len(list((Path(__file__).resolve().parents[2] / "functions").glob("*/handler.py")))
    answers = {name: invoke(installation, name) for name in ours}
    not_loaded = {
        name: answer
        for name, answer in answers.items()
        if str(answer.get("errorType", "")) in {"Runtime.ImportModuleError", "Runtime.ExitError", "ModuleNotFoundError"}
        or "No module named" in str(answer)
    }
    assert not_loaded == {}
