from __future__ import annotations

import pytest

from emulator.adobe import attributes

PROFILE = {
    "person": {"name": {"firstName": "Ada"}},
    "identityMap": {
        "Email": [{"id": "a@example.com"}, {"id": "b@example.com"}],
        "Phone_E.164": [{"id": "+1"}],
        "X": [],
    },
    "tags": ["a", 1],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("person.name.firstName", "Ada"),
        ("person.name", '{"firstName":"Ada"}'),
        ("person.name.firstName.more", None),
        ("nobody.at.home", None),
        ("identityMap.Email", "a@example.com"),
        ("identityMap.Phone_E//.164", "+1"),
        ("identityMap.X", None),
        ("tags", '["a",1]'),
    ],
)
def test_values_are_found_by_path(path: str, value: object) -> None:
    assert attributes.value_at(PROFILE, path) == value


def test_a_change_is_a_copy() -> None:
    changed = attributes.changed(PROFILE, {"person.name.firstName": None, "loyalty.tier": "gold", "tags": "none"})
    assert changed["person"] == {"name": {}}
    assert changed["loyalty"] == {"tier": "gold"}
    assert PROFILE["tags"] == ["a", 1]
    assert attributes.changed({"a": "text"}, {"a.b": 1}) == {"a": {"b": 1}}


def test_identities_are_listed_with_their_namespaces() -> None:
    found = [("Email", "a@example.com"), ("Email", "b@example.com"), ("Phone_E.164", "+1")]
    assert attributes.identities(PROFILE) == found
    assert attributes.identities({}) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("segmentMembership.status", True),
        ("segmentMembership.ups.seg_id.status", True),
        ("segmentMembership.ups.seg_id.lastQualificationTime", False),
        ("order.status", False),
    ],
)
def test_the_status_of_a_membership_is_told_apart(path: str, expected: bool) -> None:
    assert attributes.is_status(path) is expected
