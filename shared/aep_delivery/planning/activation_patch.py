"""The JSON Patch that makes a dataflow's activation what is wanted.

Adobe's pages read as if all indices referred to the dataflow before the patch; RFC 6902 applies one operation after the
other. The order here makes both readings agree: replacements first, then removals with the highest index first, then
what is added at the end. What does not change has no operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.planning.activation import ActivationDifference, Edit
from aep_delivery.planning.attributes import attribute_selector
from aep_delivery.planning.audiences import merged_selector
from aep_delivery.planning.declaring.flows import TRANSFORM
from aep_delivery.planning.plan import ActivationSubject
from aep_delivery.runtime.errors import InternalError


class MappingReference(BaseModel):
    """A mapping set, as a dataflow of the current generation refers to it."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int

    @property
    def body(self) -> dict[str, Any]:
        return {"mappingId": self.id, "mappingVersion": self.version}


def activation_operations(difference: ActivationDifference, mapping: MappingReference | None) -> list[dict[str, Any]]:
    """The operations; none where nothing differs.

    Args:
        difference: What has to change.
        mapping: The mapping set of the wanted attributes; only asked for where those of the current generation differ.
    """
    if not difference.changes:
        return []
    live = difference.live
    if live.index is None:
        whole = {"name": TRANSFORM, "params": _whole(difference, mapping)}
        if live.count is None:
            return [{"op": "add", "path": "/transformations", "value": [whole]}]
        return [{"op": "add", "path": "/transformations/-", "value": whole}]
    params = f"/transformations/{live.index}/params"
    if not live.params:
        return [{"op": "add", "path": params, "value": _whole(difference, mapping)}]
    return [*_of_audiences(difference, params), *_of_attributes(difference, params, mapping)]


def _of_audiences(difference: ActivationDifference, params: str) -> Iterator[dict[str, Any]]:
    live = difference.live
    edits = difference.audiences
    container = live.params.get("segmentSelectors")
    if edits and not (isinstance(container, dict) and isinstance(container.get("selectors"), list)):
        there = container if isinstance(container, dict) else {}
        value = {**there, "selectors": [_added_audience(edit) for edit in edits]}
        yield {"op": "add", "path": f"{params}/segmentSelectors", "value": value}
        return
    selectors = f"{params}/segmentSelectors/selectors"
    for edit in edits:
        if edit.index is not None and edit.audience is not None:
            value = merged_selector(live.audiences[edit.index], edit.audience)
            yield {"op": "replace", "path": f"{selectors}/{edit.index}", "value": value}
    yield from _removals(selectors, edits)
    for edit in edits:
        if edit.index is None:
            yield {"op": "add", "path": f"{selectors}/-", "value": _added_audience(edit)}


def _of_attributes(
    difference: ActivationDifference, params: str, mapping: MappingReference | None
) -> Iterator[dict[str, Any]]:
    live, edits = difference.live, difference.attributes
    if not live.first_generation:
        yield from _fields(difference, params)
        if edits:
            yield {"op": "add", "path": f"{params}/profileMapping", "value": _mapping(mapping)}
        return
    container = live.params.get("profileSelectors")
    if (edits or difference.fields) and not (
        isinstance(container, dict) and isinstance(container.get("selectors"), list)
    ):
        there = container if isinstance(container, dict) else {}
        value = {**there, "selectors": [_added_attribute(edit) for edit in edits], **_changed_fields(difference)}
        yield {"op": "add", "path": f"{params}/profileSelectors", "value": value}
        return
    selectors = f"{params}/profileSelectors/selectors"
    yield from _removals(selectors, edits)
    for edit in edits:
        if edit.index is None:
            yield {"op": "add", "path": f"{selectors}/-", "value": _added_attribute(edit)}
    yield from _fields(difference, f"{params}/profileSelectors")


def _removals(selectors: str, edits: tuple[Edit, ...]) -> Iterator[dict[str, Any]]:
    gone = [edit.index for edit in edits if edit.index is not None and edit.audience is None and edit.attribute is None]
    for index in sorted(gone, reverse=True):
        yield {"op": "remove", "path": f"{selectors}/{index}"}


def _fields(difference: ActivationDifference, parent: str) -> Iterator[dict[str, Any]]:
    for name, value in _changed_fields(difference).items():
        yield {"op": "add", "path": f"{parent}/{name}", "value": value}


def _changed_fields(difference: ActivationDifference) -> dict[str, Any]:
    """The whole lists of those that differ."""
    values = {
        ActivationSubject.MANDATORY_FIELDS: [*difference.wanted.mandatory_fields],
        ActivationSubject.PRIMARY_FIELDS: [*difference.wanted.primary_fields],
    }
    return {change.id: values[change.subject] for change in difference.fields}


def _whole(difference: ActivationDifference, mapping: MappingReference | None) -> dict[str, Any]:
    """All parameters, where there are none yet."""
    wanted = difference.wanted
    selectors = {"segmentSelectors": {"selectors": [audience.selector for audience in wanted.audiences]}}
    fields = {"mandatoryFields": [*wanted.mandatory_fields], "primaryFields": [*wanted.primary_fields]}
    if wanted.first_generation:
        attributes = [attribute_selector(attribute) for attribute in wanted.attributes]
        return {**selectors, "profileSelectors": {"selectors": attributes, **fields}}
    return {**fields, "profileMapping": _mapping(mapping), **selectors}


def _added_audience(edit: Edit) -> dict[str, Any]:
    assert edit.audience is not None, "only declared audiences are added"
    return edit.audience.selector


def _added_attribute(edit: Edit) -> dict[str, Any]:
    assert edit.attribute is not None, "only declared attributes are added"
    return attribute_selector(edit.attribute)


def _mapping(mapping: MappingReference | None) -> dict[str, Any]:
    if mapping is None:
        raise InternalError("An activation needs a mapping set, and there is none.", code="apply.no-mapping-set")
    return mapping.body
