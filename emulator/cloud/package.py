"""What ``sam package`` does, for the embedded cloud: upload code and definitions, point the template at them.

Only ``CodeUri``, ``ContentUri``, ``DefinitionUri`` and ``Runtime`` are rewritten. The runtime becomes
``provided.al2023`` with a bootstrap that runs AWS's own runtime client on this interpreter: through its ``python3.x``
runtimes the emulator loses the class names of exceptions, and with them every Retry and Catch.

The emulator gives no layers to provided runtimes. The functions of a template that stands beside its sources find them
through PYTHONPATH; those of one that ``sam build`` has made get exactly their built layers.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from emulator.cloud.layers import bootstrap, layers_of, link_runtime

ARTIFACTS = "aep-delivery-artifacts"


def package(template: Path, s3: Any, folder: Path) -> dict[str, Any]:
    """The template with everything it points to uploaded.

    Args:
        template: The SAM template; its relative paths count from its folder.
        s3: A client of the cloud that holds the bucket :data:`ARTIFACTS`.
        folder: Where the sandboxes of built functions find their runtime; it lives as long as the cloud.
    """
    document: dict[str, Any] = yaml_parse(template.read_text())
    layers = layers_of(document, template.parent)
    runtime = folder / "runtime"
    if any(layers.values()):
        link_runtime(runtime)
    document.get("Globals", {}).get("Function", {}).pop("Runtime", None)
    for name, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::Serverless::Function":
                code = _zip(template.parent / properties["CodeUri"], bootstrap(layers[name], runtime))
                properties["CodeUri"] = _upload(s3, code, ".zip")
                properties["Runtime"] = "provided.al2023"
            case "AWS::Serverless::LayerVersion":
                properties["ContentUri"] = _upload(s3, _zip(template.parent / properties["ContentUri"]), ".zip")
                properties["CompatibleRuntimes"] = ["provided.al2023"]
            case "AWS::Serverless::StateMachine":
                definition = (template.parent / properties["DefinitionUri"]).read_bytes()
                properties["DefinitionUri"] = _upload(s3, definition, ".asl.json")
    return document


def _upload(s3: Any, body: bytes, suffix: str) -> dict[str, str]:
    key = hashlib.sha256(body).hexdigest() + suffix
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=body)
    return {"Bucket": ARTIFACTS, "Key": key}


def _zip(folder: Path, bootstrap: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder))), path.read_bytes())
        if bootstrap is not None:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, bootstrap)
    return buffer.getvalue()
