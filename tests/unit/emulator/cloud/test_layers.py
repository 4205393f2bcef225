"""The functions of a built template get their built layers, and nothing of this interpreter's packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud.layers import bootstrap, layers_of, link_runtime

DOCUMENT: dict[str, Any] = {
    "Globals": {"Function": {"Layers": [{"Ref": "Shared"}]}},
    "Resources": {
        "Shared": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "shared"}},
        "Extra": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "extra"}},
        "Plain": {"Type": "AWS::Serverless::Function", "Properties": {}},
        "Rich": {"Type": "AWS::Serverless::Function", "Properties": {"Layers": [{"Ref": "Extra"}]}},
    },
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for layer in ("shared", "extra"):
        (tmp_path / layer / "python").mkdir(parents=True)
        (tmp_path / layer / "python" / f"{layer}_package.py").touch()
    return tmp_path


def test_a_functions_layers_come_after_everyones(built: Path):
    shared, extra = built / "shared/python", built / "extra/python"
    assert layers_of(DOCUMENT, built) == {"Plain": [shared], "Rich": [shared, extra]}


def test_sources_are_no_layers(tmp_path: Path):
    assert layers_of(DOCUMENT, tmp_path) == {"Plain": [], "Rich": []}


def test_without_layers_the_interpreters_own_packages_are_there(tmp_path: Path):
    assert bootstrap([], tmp_path) == f'#!/bin/sh\nexec "{sys.executable}" -m emulator.cloud.sandbox\n'


@pytest.mark.parametrize(
    ("module", "found"),
    [
        ("shared_package", True),
        ("extra_package", False),
        ("awslambdaric", True),
        ("pydantic", False),
        ("aep_delivery", False),
    ],
)
def test_a_built_function_sees_its_layers_and_the_runtime_alone(built: Path, module: str, found: bool):
    link_runtime(built / "runtime")
    script = bootstrap([built / "shared/python"], built / "runtime")
    script = script.replace("-m emulator.cloud.sandbox", f"-c 'import {module}'")
    ended = subprocess.run(  # noqa: S603 - the script is the one that is tested
        ["/bin/sh", "-c", script], check=False, env={"PATH": os.environ["PATH"]}, cwd=built, capture_output=True
    )
    assert (ended.returncode == 0) is found, ended.stderr.decode()
