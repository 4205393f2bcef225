"""``python -m aep_delivery.cli``."""

from __future__ import annotations

from aep_delivery.cli.main import run

run()
