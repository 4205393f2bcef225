"""What of a dataflow's audiences and attributes is not as a config declares.

What Adobe adds to the stored objects (``createTime``, ``updateTime``, ``operator``, ``mapping``, unknown keys) is no
difference. Audiences that the config does not declare and that are not known to be the delivery's are left alone,
unless the config says to prune them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.attributes import (
    AttributeToExport,
    attribute_path,
    attributes_to_export,
    primary_fields,
    same_fields,
)
from aep_delivery.planning.audiences import (
    AudienceToExport,
    changed_selector,
    selector_id,
    selector_name,
    summary,
)
from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    ActivationSubject,
    AudienceLeftAlone,
    PlannedActivation,
)
from aep_delivery.planning.transformation import Transformation


class WantedActivation(BaseModel):
    """What shall be on the dataflow."""

    model_config = ConfigDict(frozen=True)

    first_generation: bool
    audiences: tuple[AudienceToExport, ...]
    attributes: tuple[AttributeToExport, ...]
    mandatory_fields: tuple[str, ...] = ()
    primary_fields: tuple[dict[str, str], ...] = ()
    prune: bool = False

    @property
    def fingerprint(self) -> str:
        """Equal wishes, equal fingerprints."""
        return _fingerprint(self.model_dump(mode="json"))

    @property
    def columns_fingerprint(self) -> str:
        """Of the attributes alone."""
        return _fingerprint([attribute.model_dump(mode="json") for attribute in self.attributes])


def wanted_activation(config: DeliveryConfig, audiences: Sequence[AudienceToExport]) -> WantedActivation:
    """What a config says of the activation.

    Args:
        config: Of a delivery of audiences.
        audiences: Its audiences, as the plan has them.
    """
    activation = config.audience_activation
    first = load_catalogue().destination(config.destination.type).generation == "first"
    return WantedActivation(
        first_generation=first,
        audiences=tuple(audiences),
        attributes=tuple(attributes_to_export(activation, first_generation=first)),
        mandatory_fields=activation.mandatory_fields,
        primary_fields=tuple(primary_fields(activation.primary_fields)),
        prune=activation.prune,
    )


@dataclass(frozen=True)
class Edit:
    """One change, and where among the live selectors it happens; None for what is not there yet."""

    change: ActivationChange
    index: int | None = None
    audience: AudienceToExport | None = None
    attribute: AttributeToExport | None = None


@dataclass(frozen=True)
class ActivationDifference:
    """All that would have to change."""

    wanted: WantedActivation
    live: Transformation
    audiences: tuple[Edit, ...]
    attributes: tuple[Edit, ...]
    fields: tuple[ActivationChange, ...]
    left_alone: tuple[AudienceLeftAlone, ...]

    @property
    def changes(self) -> list[ActivationChange]:
        """As a person reads them."""
        return [*(edit.change for edit in (*self.audiences, *self.attributes)), *self.fields]

    @property
    def planned(self) -> PlannedActivation:
        return PlannedActivation(changes=self.changes, left_alone=list(self.left_alone))


def compare_activation(
    wanted: WantedActivation, live: Transformation, *, ours: Collection[str], columns: Sequence[AttributeToExport] = ()
) -> ActivationDifference:
    """Compare a wanted activation with a dataflow's.

    Args:
        wanted: What shall be there.
        live: What is there.
        ours: Ids of the audiences that the delivery is known to have put there.
        columns: For the current generation, what the live mapping set holds.
    """
    kept, left_alone = _undeclared(wanted, live, ours)
    there = list(enumerate(_first_generation_columns(live))) if live.first_generation else list(enumerate(columns))
    return ActivationDifference(
        wanted=wanted,
        live=live,
        audiences=(*_declared(wanted, live), *kept),
        attributes=tuple(_attribute_edits(wanted, [(i, one) for i, one in there if one is not None])),
        fields=tuple(_field_changes(wanted, live)),
        left_alone=tuple(left_alone),
    )


def _declared(wanted: WantedActivation, live: Transformation) -> Iterator[Edit]:
    there: dict[str, int] = {}
    for index, selector in enumerate(live.audiences):
        if (found := selector_id(selector)) is not None:
            there.setdefault(found, index)
    for audience in wanted.audiences:
        named = {"subject": ActivationSubject.AUDIENCE, "id": audience.id, "name": audience.name}
        place = there.get(audience.id)
        if place is None:
            added = ActivationChange(action=ActivationAction.ADD, summary=summary(audience.value), **named)
            yield Edit(change=added, audience=audience)
        elif changes := changed_selector(live.audiences[place], audience):
            updated = ActivationChange(action=ActivationAction.UPDATE, changes=changes, **named)
            yield Edit(change=updated, index=place, audience=audience)


def _undeclared(
    wanted: WantedActivation, live: Transformation, ours: Collection[str]
) -> tuple[list[Edit], list[AudienceLeftAlone]]:
    declared = {audience.id for audience in wanted.audiences}
    seen: set[str] = set()
    removed: list[Edit] = []
    left_alone: list[AudienceLeftAlone] = []
    for index, selector in enumerate(live.audiences):
        found = selector_id(selector)
        if found is None:
            continue
        again = found in declared and found in seen
        seen.add(found)
        if again or (found not in declared and (wanted.prune or found in ours)):
            change = ActivationChange(
                subject=ActivationSubject.AUDIENCE,
                action=ActivationAction.REMOVE,
                id=found,
                name=selector_name(selector),
                summary="it is there twice" if again else summary(selector["value"]),
            )
            removed.append(Edit(change=change, index=index))
        elif found not in declared:
            left_alone.append(AudienceLeftAlone(id=found, name=selector_name(selector)))
    return removed, left_alone


def _first_generation_columns(live: Transformation) -> list[AttributeToExport | None]:
    paths = [attribute_path(selector) for selector in live.attributes]
    return [None if path is None else AttributeToExport(source=path, column=path) for path in paths]


def _attribute_edits(wanted: WantedActivation, there: list[tuple[int, AttributeToExport]]) -> Iterator[Edit]:
    first: dict[str, tuple[int, AttributeToExport]] = {}
    for index, attribute in there:
        first.setdefault(attribute.column, (index, attribute))
    for attribute in wanted.attributes:
        named = {"subject": ActivationSubject.ATTRIBUTE, "id": attribute.column, "name": attribute.column}
        source = "" if attribute.source == attribute.column else f"from {attribute.source}"
        if attribute.column not in first:
            change = ActivationChange(action=ActivationAction.ADD, summary=source, **named)
            yield Edit(change=change, attribute=attribute)
            continue
        index, live = first[attribute.column]
        if live.source != attribute.source:
            moved = FieldChange(path="source", before=live.source, after=attribute.source)
            change = ActivationChange(action=ActivationAction.UPDATE, changes=[moved], **named)
            yield Edit(change=change, index=index, attribute=attribute)
    declared = {attribute.column for attribute in wanted.attributes}
    for index, attribute in there:
        again = attribute.column in declared and first[attribute.column][0] != index
        if again or attribute.column not in declared:
            change = ActivationChange(
                subject=ActivationSubject.ATTRIBUTE,
                action=ActivationAction.REMOVE,
                id=attribute.column,
                name=attribute.column,
                summary="it is there twice" if again else "",
            )
            yield Edit(change=change, index=index)


def _field_changes(wanted: WantedActivation, live: Transformation) -> Iterator[ActivationChange]:
    for subject, path, before, after in (
        (ActivationSubject.MANDATORY_FIELDS, "mandatoryFields", live.mandatory_fields, [*wanted.mandatory_fields]),
        (ActivationSubject.PRIMARY_FIELDS, "primaryFields", live.primary_fields, [*wanted.primary_fields]),
    ):
        if not same_fields(before, after):
            yield ActivationChange(
                subject=subject,
                action=ActivationAction.UPDATE,
                id=path,
                name=path,
                changes=[FieldChange(path=path, before=before, after=after)],
            )


def _fingerprint(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
