from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.config.errors import ConfigError
from aep_delivery.planning.activation import ActivationDifference, WantedActivation, compare_activation
from aep_delivery.planning.activation_patch import MappingReference, activation_operations
from aep_delivery.planning.attributes import AttributeToExport
from aep_delivery.planning.plan import ActivationAction
from aep_delivery.runtime.errors import InternalError
from tests.properties.test_activation_properties import sequentially
from tests.unit.planning.activations import (
    ADDED_BY_ADOBE,
    CURRENT_DESTINATION,
    GOLD,
    INCREMENTAL,
    SILVER,
    STRANGER,
    TEMPLATE,
    audience_config,
    stored,
    transformation,
    wanted,
)

SELECTORS = "/transformations/0/params/segmentSelectors/selectors"
ATTRIBUTES = "/transformations/0/params/profileSelectors"
MAPPING = MappingReference(id="mapping-2", version=1)
BOTH = ({"id": GOLD.id}, {"id": SILVER.id})


def compare(
    activation: WantedActivation,
    body: dict[str, Any],
    *,
    ours: tuple[str, ...] = (),
    columns: tuple[AttributeToExport, ...] = (),
) -> ActivationDifference:
    live = transformation(body, first_generation=activation.first_generation)
    return compare_activation(activation, live, ours=ours, columns=columns)


def operations(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    return activation_operations(compare(*args, **kwargs), MAPPING)


def empty(*, first_generation: bool = True) -> dict[str, Any]:
    params: dict[str, Any] = {"segmentSelectors": {"selectors": []}}
    if first_generation:
        params["profileSelectors"] = {"selectors": []}
    else:
        params |= {"mandatoryFields": [], "primaryFields": [], "profileMapping": {}}
    return {"transformations": [{"name": "GeneralTransform", "params": params}]}


def stranger() -> dict[str, Any]:
    return {"type": "PLATFORM_SEGMENT", "value": {"id": STRANGER, "name": "Theirs", "schedule": {"frequency": "ONCE"}}}


def selectors(body: dict[str, Any]) -> list[Any]:
    found: list[Any] = body["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    return found


def test_first_activation_is_what_the_tutorial_sends() -> None:
    activation = wanted(audience_config({"id": GOLD.id, "filenameTemplate": TEMPLATE}))

    assert operations(activation, empty()) == [
        {
            "op": "add",
            "path": f"{SELECTORS}/-",
            "value": {
                "type": "PLATFORM_SEGMENT",
                "value": {
                    "id": GOLD.id,
                    "name": GOLD.name,
                    "filenameTemplate": TEMPLATE,
                    "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
                    "schedule": INCREMENTAL,
                },
            },
        },
        *(
            {"op": "add", "path": f"{ATTRIBUTES}/selectors/-", "value": {"type": "JSON_PATH", "value": {"path": path}}}
            for path in ("person.name.lastName", "personalEmail.address")
        ),
    ]


def test_keys_stand_where_each_generation_has_them() -> None:
    keys: dict[str, Any] = {
        "mandatoryFields": ["personalEmail.address"],
        "primaryFields": [{"identityNamespace": "Email"}],
    }
    primary = [{"fieldType": "IDENTITY", "identityNamespace": "Email"}]

    first = operations(wanted(audience_config(**keys)), empty())
    current = operations(
        wanted(audience_config(destination=CURRENT_DESTINATION, **keys)), empty(first_generation=False)
    )

    assert {"op": "add", "path": f"{ATTRIBUTES}/mandatoryFields", "value": ["personalEmail.address"]} in first
    assert {"op": "add", "path": f"{ATTRIBUTES}/primaryFields", "value": primary} in first
    params = "/transformations/0/params"
    assert current[1:] == [
        {"op": "add", "path": f"{params}/mandatoryFields", "value": ["personalEmail.address"]},
        {"op": "add", "path": f"{params}/primaryFields", "value": primary},
        {"op": "add", "path": f"{params}/profileMapping", "value": {"mappingId": "mapping-2", "mappingVersion": 1}},
    ]


def test_t52_one_audience_changes_its_time_and_the_other_has_no_operation() -> None:
    before = wanted(audience_config(*BOTH), GOLD, SILVER)
    later = {**INCREMENTAL, "startTime": "18:00"}
    after = wanted(audience_config({"id": GOLD.id}, {"id": SILVER.id, "schedule": later}), GOLD, SILVER)

    found = compare(after, stored(before))

    (operation,) = activation_operations(found, None)
    assert operation == {
        "op": "replace",
        "path": f"{SELECTORS}/1",
        "value": {
            "type": "PLATFORM_SEGMENT",
            "value": {**before.audiences[1].value, **ADDED_BY_ADOBE, "schedule": later},
        },
    }
    (change,) = found.changes
    assert [(field.path, field.before, field.after) for field in change.changes] == [
        ("schedule.startTime", "17:00", "18:00")
    ]


@pytest.mark.parametrize("destination", [None, CURRENT_DESTINATION], ids=["first", "current"])
def test_t53_what_adobe_adds_is_no_difference(destination: dict[str, Any] | None) -> None:
    activation = wanted(
        audience_config(
            *BOTH,
            destination=destination,
            mandatoryFields=["person.name.lastName", "personalEmail.address"],
            primaryFields=[{"attributePath": "person.name.lastName"}, {"attributePath": "personalEmail.address"}],
        ),
        GOLD,
        SILVER,
    )

    found = compare(activation, stored(activation), columns=activation.attributes)

    assert found.changes == []
    assert activation_operations(found, None) == []


def test_t53_what_is_left_unsaid_counts_as_adobes_default() -> None:
    activation = wanted(audience_config())
    body = stored(activation, extra={"name": "Renamed since", "filenameTemplate": TEMPLATE})
    del selectors(body)[0]["value"]["schedule"]["triggerType"]

    assert compare(activation, body).changes == []


def test_order_of_keys_and_attributes_is_no_difference() -> None:
    keys = [{"attributePath": "person.name.lastName"}, {"attributePath": "personalEmail.address"}]
    activation = wanted(audience_config(primaryFields=keys))
    other = wanted(
        audience_config(
            primaryFields=keys[::-1],
            attributes=[{"source": "personalEmail.address"}, {"source": "person.name.lastName"}],
        )
    )

    assert compare(activation, stored(other)).changes == []


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ([{"identityNamespace": "Email"}, {"attributePath": "personalEmail.address"}], False),
        ([{"attributePath": path} for path in ("personalEmail.address", "person.name.lastName", "x.y")], False),
        ([{"attributePath": path} for path in ("personalEmail.address", "person.name.lastName")], True),
    ],
)
def test_t55_deduplication_key_is_one_namespace_or_two_attributes(
    fields: list[dict[str, str]], *, accepted: bool
) -> None:
    if not accepted:
        with pytest.raises(ConfigError):
            audience_config(primaryFields=fields)
        return

    activation = wanted(audience_config(primaryFields=fields))

    assert activation.primary_fields == tuple({"fieldType": "ATTRIBUTE", **field} for field in fields)


def test_t56_selector_without_a_name_is_the_same_audience() -> None:
    activation = wanted(audience_config())
    body = stored(activation)
    del selectors(body)[0]["value"]["name"]

    assert compare(activation, body).changes == []


def test_removal_of_several_has_the_highest_index_first() -> None:
    activation = wanted(audience_config())
    body = stored(wanted(audience_config(*BOTH), SILVER, GOLD))
    selectors(body).append(stranger())
    selectors(body).append(stranger() | {"value": {"id": "another"}})

    found = compare(activation, body, ours=(SILVER.id, STRANGER))

    assert [operation["path"] for operation in activation_operations(found, None)] == [
        f"{SELECTORS}/2",
        f"{SELECTORS}/0",
    ]
    assert [(one.action, one.id) for one in found.changes] == [
        (ActivationAction.REMOVE, SILVER.id),
        (ActivationAction.REMOVE, STRANGER),
    ]


def test_what_somebody_else_has_put_there_is_left_alone_unless_pruned() -> None:
    body = stored(wanted(audience_config()))
    selectors(body).insert(0, stranger())

    left = compare(wanted(audience_config()), body)
    pruned = compare(wanted(audience_config(prune=True)), body)

    assert left.changes == []
    assert [(one.id, one.name) for one in left.left_alone] == [(STRANGER, "Theirs")]
    assert activation_operations(pruned, None) == [{"op": "remove", "path": f"{SELECTORS}/0"}]
    assert pruned.left_alone == ()


def test_an_audience_that_is_there_twice_is_kept_once() -> None:
    activation = wanted(audience_config())
    body = stored(activation)
    selectors(body).append(selectors(body)[0])

    assert operations(activation, body) == [{"op": "remove", "path": f"{SELECTORS}/1"}]


def test_selectors_that_cannot_be_read_are_left_alone() -> None:
    activation = wanted(audience_config(prune=True))
    body = stored(activation)
    selectors(body).extend([{"type": "SOMETHING_NEW"}, "text", {"value": {"id": 5}}])

    assert operations(activation, body) == []


def test_attributes_are_exactly_those_of_the_config() -> None:
    before = wanted(audience_config())
    after = wanted(audience_config(attributes=[{"source": "personalEmail.address"}, {"source": "birthYear"}]))

    assert operations(after, stored(before)) == [
        {"op": "remove", "path": f"{ATTRIBUTES}/selectors/0"},
        {
            "op": "add",
            "path": f"{ATTRIBUTES}/selectors/-",
            "value": {"type": "JSON_PATH", "value": {"path": "birthYear"}},
        },
    ]


def test_another_column_means_another_mapping_set() -> None:
    before = wanted(audience_config(destination=CURRENT_DESTINATION))
    after = wanted(
        audience_config(
            destination=CURRENT_DESTINATION,
            attributes=[{"source": "person.name.lastName", "column": "last"}, {"source": "personalEmail.address"}],
        )
    )

    found = compare(after, stored(before), columns=before.attributes)

    assert activation_operations(found, MAPPING) == [
        {"op": "add", "path": "/transformations/0/params/profileMapping", "value": MAPPING.body}
    ]
    assert [(one.action, one.name, one.summary) for one in found.changes] == [
        (ActivationAction.ADD, "last", "from person.name.lastName"),
        (ActivationAction.REMOVE, "person_name_lastName", ""),
    ]


def test_a_column_from_elsewhere_is_a_change_of_it() -> None:
    activation = wanted(audience_config(destination=CURRENT_DESTINATION))
    columns = (AttributeToExport(source="birthYear", column="person_name_lastName"), activation.attributes[1])

    (change,) = compare(activation, stored(activation), columns=columns).changes

    assert (change.action, change.id) == (ActivationAction.UPDATE, "person_name_lastName")
    assert [(field.before, field.after) for field in change.changes] == [("birthYear", "person.name.lastName")]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"transformations": []},
        {"transformations": [{"name": "Another"}]},
        {"transformations": [{"name": "GeneralTransform"}]},
        {"transformations": [{"name": "GeneralTransform", "params": {"somethingElse": 1}}]},
        {"transformations": [{"name": "GeneralTransform", "params": {"profileSelectors": {"mandatoryFields": []}}}]},
    ],
    ids=["no field", "none", "another", "no params", "no selectors", "half of them"],
)
@pytest.mark.parametrize("destination", [None, CURRENT_DESTINATION], ids=["first", "current"])
def test_every_path_has_a_parent(body: dict[str, Any], destination: dict[str, Any] | None) -> None:
    activation = wanted(audience_config(destination=destination, mandatoryFields=["personalEmail.address"]))

    for operation in operations(activation, body):
        here: Any = body
        *parents, _ = operation["path"].split("/")[1:]
        for step in parents:
            here = here[int(step)] if isinstance(here, list) else here[step]
        assert isinstance(here, (dict, list))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"transformations": []},
        {"transformations": [{"name": "Another"}]},
        {"transformations": [{"name": "GeneralTransform"}]},
        {"transformations": [{"name": "GeneralTransform", "params": {"theirs": 1}}]},
        {
            "transformations": [
                {
                    "name": "GeneralTransform",
                    "params": {
                        "segmentSelectors": {"selectors": None, "theirs": 1},
                        "profileSelectors": {"theirs": 1},
                    },
                }
            ]
        },
        empty(),
    ],
    ids=["no field", "none", "another", "no params", "no selectors", "no lists", "empty lists"],
)
@pytest.mark.parametrize("destination", [None, CURRENT_DESTINATION], ids=["first", "current"])
@pytest.mark.parametrize(
    "keys",
    [{}, {"mandatoryFields": ["personalEmail.address"], "primaryFields": [{"identityNamespace": "Email"}]}],
    ids=["no keys", "keys"],
)
def test_whatever_is_there_the_patch_makes_it_as_wanted_and_leaves_what_is_others(
    body: dict[str, Any], destination: dict[str, Any] | None, keys: dict[str, Any]
) -> None:
    activation = wanted(audience_config(*BOTH, destination=destination, **keys), GOLD, SILVER)

    after = sequentially(body, operations(activation, body))

    found = compare(activation, after, columns=activation.attributes)
    assert found.changes == []
    assert activation.first_generation or found.live.params["profileMapping"] == MAPPING.body
    assert str(after).count("theirs") == str(body).count("theirs")
    assert [one["name"] for one in after["transformations"]][:-1] == ["Another"] * ("Another" in str(body))


def test_attributes_that_have_no_mapping_set_are_a_defect_of_ours() -> None:
    activation = wanted(audience_config(destination=CURRENT_DESTINATION))

    with pytest.raises(InternalError) as raised:
        activation_operations(compare(activation, {}), None)
    assert raised.value.document().code == "apply.no-mapping-set"


def test_another_transformation_in_front_is_counted() -> None:
    activation = wanted(audience_config())
    body = empty()
    body["transformations"].insert(0, {"name": "Another"})

    assert all(one["path"].startswith("/transformations/1/") for one in operations(activation, body))


def test_a_file_name_that_the_config_leaves_out_goes() -> None:
    activation = wanted(audience_config())
    body = stored(activation, extra={"filenameTemplate": "%SEGMENT_ID%"})

    (operation,) = operations(activation, body)

    assert "filenameTemplate" not in operation["value"]["value"]
    assert operation["value"]["value"]["somethingNew"] == {"of": "Adobe"}


def test_equal_wishes_have_equal_fingerprints() -> None:
    one, other = wanted(audience_config()), wanted(audience_config(prune=True))

    assert one.fingerprint == wanted(audience_config()).fingerprint
    assert one.fingerprint != other.fingerprint
    assert one.columns_fingerprint == other.columns_fingerprint
