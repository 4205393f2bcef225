"""What holds for all tests."""

from __future__ import annotations


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: some hold a time or a random key, and every process must call a test alike."""
    return argname if isinstance(val, bytes) else None
