"""No function has a right that the workflow tests did not see it use, but for the few that are explained here."""

from __future__ import annotations

from tests.template.rights_used import Right, granted, kept

UNUSED: dict[Right, str] = {
    ("LoadConfigFunction", "ListConfigs", "s3:ListBucket"): (
        "Never called. Whoever lacks it hears AccessDenied of an object that is not there, and could not be told so. "
        "AWS: GetObject, Permissions."
    ),
}
"""Rights that no call uses, each with its reason."""


def test_every_right_was_used() -> None:
    assert granted() - kept() - set(UNUSED) == set()


def test_every_right_that_was_used_is_granted() -> None:
    """Otherwise what was recorded is of another template: run ``make rights``."""
    assert kept() - granted() == set()


def test_what_is_explained_is_so() -> None:
    assert set(UNUSED) <= granted()
    assert set(UNUSED) & kept() == set()
