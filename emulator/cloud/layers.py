"""The layers of each function, and the bootstrap that gives them to it."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
"""What AWS's image brings besides Python: the runtime's client."""


def layers_of(document: dict[str, Any], folder: Path) -> dict[str, list[Path]]:
    """The built layers of each function of a template, in their order; none where the template is not a built one.

    Args:
        document: The SAM template, parsed.
        folder: What its relative paths count from.
    """
    built = {
        name: folder / resource["Properties"]["ContentUri"] / "python"
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::Serverless::LayerVersion"
    }
    everywhere = document.get("Globals", {}).get("Function", {}).get("Layers", [])
    return {
        name: [
            path
            # SAM appends a function's own layers to those of Globals.
            for layer in [*everywhere, *resource["Properties"].get("Layers", [])]
            if (path := built[layer["Ref"]]).is_dir()
        ]
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def bootstrap(layers: Sequence[Path], runtime: Path) -> str:
    """The ``bootstrap`` of a function: AWS's runtime client on this interpreter.

    With built layers the interpreter's own packages (``-S``) and the sources stay out, as they do on AWS.

    Args:
        layers: The function's built layers.
        runtime: A folder of :func:`link_runtime`.
    """
    if not layers:
        return f'#!/bin/sh\nexec "{sys.executable}" -m emulator.cloud.sandbox\n'
    path = os.pathsep.join(str(folder) for folder in (*layers, runtime))
    return f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -S -m emulator.cloud.sandbox\n'


def link_runtime(folder: Path) -> None:
    """Make a folder with links to the runtime's client and the sandbox, and to nothing else."""
    folder.mkdir()
    (folder / "emulator").symlink_to(ROOT / "emulator")
    for name in RUNTIME:
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or ()}:
            if not top.endswith((".dist-info", "__pycache__", "..")):
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))
