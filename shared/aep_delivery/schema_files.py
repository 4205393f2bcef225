"""The published JSON Schemas as files: ``python -m aep_delivery.schema_files schemas`` writes them anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast


def _made_by(module: str, function: str, *arguments: str) -> Callable[[], dict[str, Any]]:
    """A schema's generator, imported when it is called: one room's imports are no other's business."""

    def make() -> dict[str, Any]:
        generate = getattr(import_module(f"aep_delivery.{module}"), function)
        return cast("dict[str, Any]", generate(*arguments))

    return make


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "delivery-config.schema.json": _made_by("config.schema", "config_schema"),
    "delivery-config-part.schema.json": _made_by("config.schema", "part_schema"),
    "plan.schema.json": _made_by("planning.schema", "plan_schema"),
    "check-report.schema.json": _made_by("verification.loose_files.report", "check_report_schema"),
    "event-delivery-requested.schema.json": _made_by("events.schema", "delivery_requested_schema"),
    "event-delivery-scheduled.schema.json": _made_by("events.schema", "delivery_scheduled_schema"),
    "event-delivery-verified.schema.json": _made_by("events.schema", "outbound_event_schema", "Delivery Verified"),
    "event-delivery-mismatch-found.schema.json": _made_by(
        "events.schema", "outbound_event_schema", "Delivery Mismatch Found"
    ),
    "event-delivery-failed.schema.json": _made_by("events.schema", "outbound_event_schema", "Delivery Failed"),
    "event-delivery-removal-requested.schema.json": _made_by("events.schema", "delivery_removal_requested_schema"),
    "event-delivery-removed.schema.json": _made_by("events.schema", "outbound_event_schema", "Delivery Removed"),
    "event-delivery-removal-failed.schema.json": _made_by(
        "events.schema", "outbound_event_schema", "Delivery Removal Failed"
    ),
    "event-dataflow-drift-found.schema.json": _made_by(
        "events.schema", "outbound_event_schema", "Dataflow Drift Found"
    ),
}
"""File name → what makes its content."""


def render_schema(name: str) -> str:
    """The text of one schema's file."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write all schemas into a folder.

    Returns:
        The files, in the order of :data:`SCHEMAS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SCHEMAS:
        path = folder / name
        path.write_text(render_schema(name), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "schemas"))
