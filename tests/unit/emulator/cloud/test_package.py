from __future__ import annotations

import copy
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from emulator.cloud.package import ARTIFACTS, package


class Bucket:
    """What of S3 packaging uses."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803  boto3's own names
        assert Bucket == ARTIFACTS
        self.objects[Key] = Body

    def at(self, uri: dict[str, str]) -> bytes:
        assert uri["Bucket"] == ARTIFACTS
        return self.objects[uri["Key"]]

    def archive(self, uri: dict[str, str]) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.at(uri)))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def packaged(template: Path, bucket: Bucket, tmp_path: Path) -> dict[str, Any]:
    return package(template, bucket, tmp_path)


def properties(packaged: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = packaged["Resources"][name]["Properties"]
    return found


def test_a_function_gets_its_code_and_a_bootstrap_on_this_interpreter(packaged: dict[str, Any], bucket: Bucket) -> None:
    function = properties(packaged, "StepFunction")
    with bucket.archive(function["CodeUri"]) as archive:
        assert sorted(archive.namelist()) == ["bootstrap", "handler.py"]
        assert sys.executable in archive.read("bootstrap").decode()
        assert archive.getinfo("bootstrap").external_attr >> 16 == 0o755
    assert function["Runtime"] == "provided.al2023"
    assert "Runtime" not in packaged["Globals"]["Function"]


def test_a_layer_gets_its_content_and_no_bootstrap(packaged: dict[str, Any], bucket: Bucket) -> None:
    with bucket.archive(properties(packaged, "Layer")["ContentUri"]) as archive:
        assert archive.namelist() == ["package/module.py"]


def test_a_definition_is_deployed_byte_for_byte(packaged: dict[str, Any], bucket: Bucket, template: Path) -> None:
    uri = properties(packaged, "Machine")["DefinitionUri"]
    assert bucket.at(uri) == (template.parent / "machine.asl.json").read_bytes()
    assert uri["Key"].endswith(".asl.json")


def test_nothing_else_of_the_template_is_touched(packaged: dict[str, Any], template: Path) -> None:
    before, after = yaml_parse(template.read_text()), copy.deepcopy(packaged)
    before["Globals"]["Function"].pop("Runtime")
    for document in (before, after):
        for resource in document["Resources"].values():
            for name in ("CodeUri", "ContentUri", "DefinitionUri", "Runtime", "CompatibleRuntimes"):
                resource.get("Properties", {}).pop(name, None)
    assert after == before


def test_the_same_code_has_the_same_key(template: Path, bucket: Bucket, tmp_path: Path) -> None:
    first = properties(package(template, bucket, tmp_path), "StepFunction")["CodeUri"]
    handler = template.parent / "functions" / "step" / "handler.py"
    handler.touch()
    assert properties(package(template, bucket, tmp_path), "StepFunction")["CodeUri"] == first
    handler.write_text("changed = True\n")
    assert properties(package(template, bucket, tmp_path), "StepFunction")["CodeUri"] != first
