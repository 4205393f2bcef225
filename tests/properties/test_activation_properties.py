"""For any two activations, our patch makes the one the other, in both ways in which a patch can be read.

RFC 6902 applies one operation after the other; Adobe's pages read as if all indices meant the dataflow before.
"""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.planning.activation import WantedActivation, compare_activation
from aep_delivery.planning.activation_patch import MappingReference, activation_operations
from aep_delivery.planning.attributes import AttributeToExport
from aep_delivery.planning.audiences import AudienceToExport
from aep_delivery.planning.transformation import Transformation

IDS = [f"audience-{number}" for number in range(6)]
PATHS = [f"person.field{number}" for number in range(5)]
EXTRA = st.fixed_dictionaries({}, optional={"createTime": st.just("1640016962"), "unknown": st.just({"a": [1]})})
VALUES = st.builds(
    lambda hour, template: {
        **({"filenameTemplate": template} if template else {}),
        "exportMode": "DAILY_FULL_EXPORT",
        "schedule": {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2027-01-01", "startTime": hour},
    },
    st.sampled_from(["06:00", "07:00"]),
    st.sampled_from([None, "%SEGMENT_ID%"]),
)


@st.composite
def wanted_activations(draw: st.DrawFn) -> WantedActivation:
    audiences = draw(st.lists(st.tuples(st.sampled_from(IDS), VALUES), unique_by=lambda one: one[0], max_size=5))
    first = draw(st.booleans())
    columns = draw(st.lists(st.sampled_from(PATHS), unique=True, max_size=4))
    keys = st.lists(st.sampled_from(PATHS), unique=True, max_size=2)
    return WantedActivation(
        first_generation=first,
        audiences=tuple(
            AudienceToExport(
                id=one, name=one, selector={"type": "PLATFORM_SEGMENT", "value": {"id": one, "name": one, **value}}
            )
            for one, value in audiences
        ),
        attributes=tuple(AttributeToExport(source=path, column=path) for path in columns),
        mandatory_fields=tuple(draw(keys)),
        primary_fields=tuple({"fieldType": "ATTRIBUTE", "attributePath": path} for path in draw(keys)),
        prune=draw(st.booleans()),
    )


@st.composite
def dataflows(draw: st.DrawFn, *, first: bool) -> dict[str, Any]:
    """A dataflow with audiences, each perhaps twice, and all that others add; parts of it may be missing."""
    audiences = [
        {"type": "PLATFORM_SEGMENT", "value": {"id": one, **value, **draw(EXTRA)}}
        for one, value in draw(st.lists(st.tuples(st.sampled_from(IDS), VALUES), max_size=6))
    ]
    attributes = [
        {"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}}
        for path in draw(st.lists(st.sampled_from(PATHS), max_size=5))
    ]
    fields = draw(
        st.fixed_dictionaries(
            {}, optional={name: st.lists(st.sampled_from(PATHS), max_size=2) for name in ("mandatoryFields",)}
        )
    )
    params: dict[str, Any] = {"kept": "by others", "segmentSelectors": {"selectors": audiences}}
    if first:
        params["profileSelectors"] = {"selectors": attributes, **fields}
    else:
        params |= {"profileMapping": {"mappingId": "m", "mappingVersion": 1}, **fields}
    for name in draw(st.sets(st.sampled_from(sorted(params)))):
        del params[name]
    before = draw(st.sampled_from([[], [{"name": "Another", "params": {}}]]))
    return {"transformations": [*before, {"name": "GeneralTransform", "params": params}]}


def sequentially(body: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """RFC 6902."""
    result = copy.deepcopy(body)
    for operation in operations:
        *parents, last = operation["path"].split("/")[1:]
        here: Any = result
        for step in parents:
            here = here[int(step)] if isinstance(here, list) else here[step]
        value = copy.deepcopy(operation.get("value"))
        match operation["op"]:
            case "add" if isinstance(here, list):
                here.append(value) if last == "-" else here.insert(int(last), value)
            case "add":
                here[last] = value
            case "replace":
                assert isinstance(here, dict) or int(last) < len(here)
                here[int(last) if isinstance(here, list) else last] = value
            case "remove":
                del here[int(last)]
    return result


def at_once(body: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """All indices mean the lists as they were before the patch."""
    gone = object()
    marked = [operation | {"op": "replace", "value": gone} if operation["op"] == "remove" else operation
              for operation in operations]  # fmt: skip

    def swept(value: Any) -> Any:
        if isinstance(value, list):
            return [swept(item) for item in value if item is not gone]
        return {name: swept(item) for name, item in value.items()} if isinstance(value, dict) else value

    result = copy.deepcopy(body)
    for operation in marked:
        # The marker must stay itself, so nothing is copied here.
        *parents, last = operation["path"].split("/")[1:]
        here: Any = result
        for step in parents:
            here = here[int(step)] if isinstance(here, list) else here[step]
        if last == "-":
            here.append(operation["value"])
        else:
            here[int(last) if isinstance(here, list) else last] = operation["value"]
    found: dict[str, Any] = swept(result)
    return found


@given(data=st.data(), wanted=wanted_activations())
def test_a_patch_makes_one_activation_the_other(data: st.DataObject, wanted: WantedActivation) -> None:
    body = data.draw(dataflows(first=wanted.first_generation))
    ours = data.draw(st.frozensets(st.sampled_from(IDS)))
    live = Transformation.of(body, first_generation=wanted.first_generation)
    columns = [AttributeToExport(source=path, column=path) for path in data.draw(st.sets(st.sampled_from(PATHS)))]
    found = compare_activation(wanted, live, ours=ours, columns=columns)

    operations = activation_operations(found, MappingReference(id="new", version=1))

    after = sequentially(body, operations)
    assert after == at_once(body, operations)
    now = Transformation.of(after, first_generation=wanted.first_generation)
    seen = wanted.attributes if found.attributes else columns
    again = compare_activation(wanted, now, ours=ours, columns=seen)
    assert again.changes == []
    assert again.left_alone == found.left_alone
    assert bool(operations) == bool(found.changes)
    assert {one["value"]["id"] for one in now.audiences} == {
        *(audience.id for audience in wanted.audiences),
        *(one.id for one in again.left_alone),
    }


@given(data=st.data(), wanted=wanted_activations())
def test_what_others_have_there_stays(data: st.DataObject, wanted: WantedActivation) -> None:
    body = data.draw(dataflows(first=wanted.first_generation))
    live = Transformation.of(body, first_generation=wanted.first_generation)
    found = compare_activation(wanted, live, ours=(), columns=())

    after = sequentially(body, activation_operations(found, MappingReference(id="new", version=1)))

    now = Transformation.of(after, first_generation=wanted.first_generation)
    if not wanted.prune:
        declared = {audience.id for audience in wanted.audiences}
        others = [one for one in live.audiences if one["value"]["id"] not in declared]
        assert [one for one in now.audiences if one["value"]["id"] not in declared] == others
    assert now.params.get("kept") == live.params.get("kept")
    kept = {one["value"]["id"]: one["value"].get("unknown") for one in reversed(live.audiences)}
    declared = {audience.id for audience in wanted.audiences}
    for value in (selector["value"] for selector in now.audiences):
        assert value["id"] not in declared or value.get("unknown") == kept.get(value["id"])
