from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.planning.declared import DeclaredResource
from aep_delivery.planning.diff import changed_fields, lacks_marker, marking_operation, patch_operations
from aep_delivery.planning.live import LiveResource
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import declaration, live

JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
FIELDS = st.dictionaries(st.sampled_from("abcdef"), JSON | st.dictionaries(st.sampled_from("xyz"), JSON), max_size=5)


def apply(operations: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
    """RFC 6902 for top-level fields."""
    patched = dict(body)
    for operation in operations:
        field = operation["path"].removeprefix("/")
        if operation["op"] == "remove":
            assert operation.keys() == {"op", "path"}
            del patched[field]
            continue
        assert operation["op"] == ("replace" if patched.get(field) is not None else "add")
        patched[field] = operation["value"]
    return patched


def resource(**body: Any) -> DeclaredResource:
    """A declaration of these fields, all of them managed."""
    marker = declaration().marker(ResourceKind.DATAFLOW)
    return DeclaredResource(kind=ResourceKind.DATAFLOW, name="n", body=body, managed=tuple(body), marker=marker)


@pytest.mark.parametrize("kind", ["base_connection", "source_connection"])
def test_as_declared_is_no_difference(kind: str) -> None:
    declared: DeclaredResource = getattr(declaration(), kind)()
    assert changed_fields(declared, live(declared)) == []


def test_t53_what_adobe_adds_is_no_difference() -> None:
    declared = declaration().dataflow("source", "target")
    found = live(declared, operator="somebody", mapping={"extras": 1})
    found.body["scheduleParams"]["createTime"] = 1675901210

    assert changed_fields(declared, found) == []
    assert patch_operations(declared, found, []) == []


def test_t53_what_adobe_adds_is_not_lost_in_a_patch() -> None:
    declared = declaration(schedule={"interval": 6, "endTime": 5}).dataflow("source", "target")
    found = live(declared)
    found.body["scheduleParams"] = {"interval": 3, "endTime": 5, "createTime": 7}

    changes = changed_fields(declared, found)

    assert [(change.path, change.before, change.after) for change in changes] == [("scheduleParams.interval", 3, 6)]
    assert patch_operations(declared, found, changes) == [
        {"op": "replace", "path": "/scheduleParams", "value": {"interval": 6, "endTime": 5, "createTime": 7}}
    ]


def test_field_that_must_not_be_there_is_dropped() -> None:
    declared = declaration().dataflow("source", "target")
    found = live(declared)
    found.body["scheduleParams"]["foldernameTemplate"] = "%DATASET_ID%"

    (change,) = changes = changed_fields(declared, found)

    assert (change.path, change.before, change.after) == ("scheduleParams.foldernameTemplate", "%DATASET_ID%", None)
    (operation,) = patch_operations(declared, found, changes)
    assert "foldernameTemplate" not in operation["value"]


def test_a_declared_description_that_is_missing_is_added() -> None:
    declared = declaration(description="For the warehouse").base_connection()
    found = live(declared, description=None)

    operations = patch_operations(declared, found, changed_fields(declared, found))

    assert operations == [{"op": "add", "path": "/description", "value": declared.body["description"]}]


def test_without_a_declared_description_people_may_write_what_they_like_beside_the_marker() -> None:
    declared = declaration().base_connection()
    found = live(declared, description=declared.marker.describe("Ask Ada before touching this"))

    assert changed_fields(declared, found) == []
    assert not lacks_marker(declared, found)


@pytest.mark.parametrize("text", [None, "", "Made in the UI"])
def test_marking_keeps_the_description_that_is_there(text: str | None) -> None:
    declared = declaration().dataflow("source", "target")
    found = live(declared, description=text)

    operation = marking_operation(declared, found)

    assert lacks_marker(declared, found)
    assert operation["value"].startswith(text or "[aep-delivery")
    assert declared.marker.marks(operation["value"])
    assert (operation["op"], operation["path"]) == ("add" if text is None else "replace", "/description")
    assert changed_fields(declared, found) == []


@pytest.mark.parametrize("text", [None, "", "For the warehouse", "Made in the UI"])
def test_of_a_description_that_lacks_the_marker_only_the_words_are_compared(text: str | None) -> None:
    declared = declaration(description="For the warehouse").base_connection()

    changes = changed_fields(declared, live(declared, description=text))

    marked = declared.body["description"]
    assert changed_fields(declared, live(declared, description=marked)) == []
    other = declared.marker.describe("Made in the UI")
    assert [change.before for change in changed_fields(declared, live(declared, description=other))] == [other]
    differs = text != "For the warehouse"
    assert [(change.path, change.before) for change in changes] == [
        ("description", declared.marker.describe(text or ""))
    ] * differs


def test_a_disabled_dataflow_is_to_be_enabled_and_not_by_a_patch() -> None:
    declared = declaration().dataflow("source", "target")
    found = live(declared, state="disabled")

    (change,) = changes = changed_fields(declared, found)

    assert (change.path, change.before, change.after) == ("state", "disabled", "enabled")
    assert patch_operations(declared, found, changes) == []


@pytest.mark.parametrize(
    ("field", "value"), [("includeFileManifest", None), ("path", "exports/planes/")], ids=["default", "slash"]
)
def test_another_way_to_say_the_same_is_no_difference(field: str, value: Any) -> None:
    declared = declaration().target_connection("base")
    found = live(declared)
    found.body["params"] = {**found.body["params"], field: value}

    assert changed_fields(declared, found) == []


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ({"params": {"path": "exports/X"}}, {"params": {"path": "exports"}}),
        ({"params": {"path": "exportsX"}}, {"params": {"path": "exports"}}),
        ({"name": "planes/"}, {"name": "planes"}),
        ({"params": {"includeFileManifest": True}}, {"params": {}}),
    ],
    ids=["another folder", "a longer name of a folder", "a slash in what is no folder", "not the default"],
)
def test_what_only_looks_alike_is_a_difference(declared: dict[str, Any], found: dict[str, Any]) -> None:
    assert len(changed_fields(resource(**declared), LiveResource(id="1", etag="", body=found))) == 1


def test_adobes_default_is_what_is_not_declared() -> None:
    declared = resource(params={"includeFileManifest": None, "remotePath": "a/"})
    found = LiveResource(id="1", etag="", body={"params": {"includeFileManifest": False, "remotePath": "a"}})

    assert changed_fields(declared, found) == []


def test_a_field_that_must_not_be_there_is_removed_and_the_others_patched_all_the_same() -> None:
    declared = resource(encryption=None, name="planes", params=None)
    found = LiveResource(id="1", etag="", body={"encryption": {"a": 1}, "name": "Mine", "params": {"b": 2}})

    operations = patch_operations(declared, found, changed_fields(declared, found))

    assert apply(operations, found.body) == {"name": "planes"}


def test_what_is_fixed_at_creation_is_not_compared() -> None:
    declared = declaration().source_connection()
    assert changed_fields(declared, live(declared, params={"datasets": []})) == []


@settings(deadline=None)
@given(wanted=FIELDS, there=FIELDS)
def test_applying_the_patch_leaves_no_difference_and_no_foreign_field_lost(
    wanted: dict[str, Any], there: dict[str, Any]
) -> None:
    declared = resource(name="n", params=wanted)
    found = LiveResource(id="1", etag="", body={"name": "m", "params": there})

    changes = changed_fields(declared, found)
    patched = apply(patch_operations(declared, found, changes), found.body)

    after = LiveResource(id="1", etag="", body=patched)
    assert changed_fields(declared, after) == []
    assert changes == changed_fields(declared, found)
    for key in there.keys() - wanted.keys():
        assert patched["params"][key] == there[key]
    for key, value in there.items():
        if isinstance(value, dict) and isinstance(wanted.get(key), dict):
            foreign = value.keys() - wanted[key].keys()
            assert {name: patched["params"][key][name] for name in foreign} == {name: value[name] for name in foreign}
