from __future__ import annotations

import pytest

from aep_delivery.verification.checkers import checker_for
from aep_delivery.verification.level import Level, least


def test_levels_are_ordered() -> None:
    assert [level.rank for level in (Level.LISTING, Level.STRUCTURE, Level.CONTENT)] == [0, 1, 2]
    assert least([Level.CONTENT, Level.STRUCTURE]) is Level.STRUCTURE
    assert least([]) is Level.LISTING


def test_no_checker_proves_a_listing() -> None:
    with pytest.raises(ValueError, match="listing"):
        checker_for("JSON", "NONE", level=Level.LISTING)
