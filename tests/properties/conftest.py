"""One Adobe emulator for the properties of plan, apply and remove."""

from __future__ import annotations

from tests.faults.conftest import running_adobe

__all__ = ["running_adobe"]
