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


_OUTBOUND = (
    "Delivery Accepted",
    "Plan Ready",
    "Plan Applied",
    "Run Started",
    "Run Finished",
    "Delivery Verified",
    "Delivery Mismatch Found",
    "Delivery Failed",
    "Delivery Removed",
    "Delivery Removal Failed",
    "Dataflow Drift Found",
    "Delivery Late",
    "Schedule Ending",
    "Dataflow Disabled",
    "Credential Expiring",
)

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "delivery-config.schema.json": _made_by("config.schema", "config_schema"),
    "delivery-config-part.schema.json": _made_by("config.schema", "part_schema"),
    "plan.schema.json": _made_by("planning.schema", "plan_schema"),
    "status.schema.json": _made_by("status.schema", "status_schema"),
    "check-report.schema.json": _made_by("verification.loose_files.report", "check_report_schema"),
    "event-delivery-requested.schema.json": _made_by("events.schema", "delivery_requested_schema"),
    "event-delivery-scheduled.schema.json": _made_by("events.schema", "delivery_scheduled_schema"),
    "event-delivery-removal-requested.schema.json": _made_by("events.schema", "delivery_removal_requested_schema"),
    **{
        f"event-{detail_type.lower().replace(' ', '-')}.schema.json": _made_by(
            "events.schema", "outbound_event_schema", detail_type
        )
        for detail_type in _OUTBOUND
    },
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
