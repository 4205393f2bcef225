"""What `make deploy-check` has built: for AWS twice, and once for the machine it runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

BUILDS = Path(__file__).resolve().parents[2] / "build" / "deploy"


@pytest.fixture(scope="session")
def aws() -> Path:
    """The folder of the build for AWS."""
    return BUILDS / "aws"


@pytest.fixture(scope="session")
def aws_again() -> Path:
    """The folder of a second build for AWS, from the same sources."""
    return BUILDS / "aws-again"


@pytest.fixture(scope="session")
def here() -> Path:
    """The folder of the build for this machine."""
    return BUILDS / "here"
