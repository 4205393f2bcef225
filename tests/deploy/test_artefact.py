"""What `sam build` makes: small, for arm64, the same every time, and nothing but code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from emulator.cloud.engine import ROOT

pytestmark = pytest.mark.deploy

LAYERS = ("SharedLayer", "StoragesLayer")
MEGABYTES = 1_000_000
AARCH64 = 0xB7
"""``e_machine`` of an ELF file for 64-bit ARM."""


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files(folder)}


@pytest.mark.parametrize("layer", LAYERS)
class TestALayer:
    def test_it_is_below_60_megabytes(self, aws: Path, layer: str):
        size = sum(path.stat().st_size for path in files(aws / layer))
        print(f"\n{layer}: {size / MEGABYTES:.1f} MB unzipped")
        assert 1 * MEGABYTES < size < 60 * MEGABYTES

    def test_its_libraries_are_for_arm64(self, aws: Path, layer: str):
        machines = {
            path.name: int.from_bytes(path.read_bytes()[18:20], "little")
            for path in files(aws / layer)
            if path.read_bytes()[:4] == b"\x7fELF"
        }
        assert machines
        assert {name: machine for name, machine in machines.items() if machine != AARCH64} == {}

    def test_it_is_the_same_every_time(self, aws: Path, aws_again: Path, layer: str):
        assert fingerprint(aws / layer) == fingerprint(aws_again / layer)

    def test_it_holds_no_bytecode(self, aws: Path, layer: str):
        assert [path for path in files(aws / layer) if path.suffix == ".pyc"] == []


def test_the_shared_layer_holds_the_product_as_it_stands_in_the_sources(aws: Path):
    built = fingerprint(aws / "SharedLayer/python/aep_delivery")
    source = {
        name: digest for name, digest in fingerprint(ROOT / "shared/aep_delivery").items() if "__pycache__" not in name
    }
    assert built == source


def test_each_function_is_its_handler_and_nothing_else(aws: Path):
    functions = [folder for folder in aws.iterdir() if folder.name.endswith("Function")]
    assert len(functions) == len(list((ROOT / "functions").glob("*/handler.py")))
    assert {folder.name: [path.name for path in files(folder)] for folder in functions} == {
        folder.name: ["handler.py"] for folder in functions
    }
