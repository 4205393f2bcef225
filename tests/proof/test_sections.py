from __future__ import annotations

import pytest

from tests.proof.sections import PAGE, replaced


def test_only_what_is_between_the_comments_is_replaced() -> None:
    page = "a\n<!-- one: written by make proof -->\nold\n<!-- end of one -->\nb\n"
    assert replaced(page, "one", "new") == ("a\n<!-- one: written by make proof -->\n\nnew\n<!-- end of one -->\nb\n")
    with pytest.raises(ValueError, match="no <!-- two"):
        replaced(page, "two", "new")


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("figures", "make proof"),
        ("damage", "make proof"),
        ("hostile", "make proof"),
        ("chaos", "make proof"),
        ("mutants", "make mutation"),
    ],
)
def test_the_page_has_a_place_for_all_figures(name: str, by: str) -> None:
    assert "new figures" in replaced(PAGE.read_text(), name, "new figures", by=by)
