"""The audiences of a delivery as they are put on a dataflow: selectors in Adobe's form, and how two of them differ.

Sources: Adobe: Connect to batch destinations and activate audiences by API, activate data; Update destination
dataflows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.config.audience_schedule import AudienceSchedule, Trigger
from aep_delivery.config.audiences import Audience
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.schedule import ExportMode
from aep_delivery.planning.diff import FieldChange
from aep_delivery.runtime.errors import InternalError

DEFAULT_FILENAME_TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
"""What Adobe's user interface writes where nobody chose a name: it counts as none."""
_SCHEDULE_FIELDS = ("frequency", "triggerType", "startDate", "startTime", "endDate")
_DEFAULTS = {"schedule.triggerType": str(Trigger.SCHEDULED), "filenameTemplate": DEFAULT_FILENAME_TEMPLATE}


class ResolvedAudience(BaseModel):
    """An audience of the config as Adobe lists it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str


class AudienceToExport(ResolvedAudience):
    """An audience with its own schedule and file name.

    Attributes:
        selector: As it is added to the dataflow: ``{"type": "PLATFORM_SEGMENT", "value": {...}}``.
    """

    selector: dict[str, Any]

    @property
    def value(self) -> dict[str, Any]:
        """The part of the selector that says how it is exported."""
        value: dict[str, Any] = self.selector["value"]
        return value

    @property
    def schedule(self) -> dict[str, Any]:
        """``frequency``, ``triggerType``, ``startDate``, and ``startTime`` and ``endDate`` where it has them."""
        schedule: dict[str, Any] = self.value["schedule"]
        return schedule

    @property
    def export_mode(self) -> ExportMode:
        return ExportMode(self.value["exportMode"])

    @property
    def filename_template(self) -> str | None:
        """None for Adobe's default."""
        return self.value.get("filenameTemplate")


def audiences_to_export(config: DeliveryConfig, resolved: Sequence[ResolvedAudience]) -> list[AudienceToExport]:
    """The audiences of a config with all that holds for each.

    Args:
        config: Of a delivery of audiences.
        resolved: Its audiences in their order, as Adobe lists them.
    """
    return [
        AudienceToExport(id=one.id, name=one.name, selector=_selector(config, audience, one))
        for audience, one in zip(config.audiences, resolved, strict=True)
    ]


def schedule_of(config: DeliveryConfig, audience: Audience) -> AudienceSchedule:
    """An audience's own schedule, or the one of all."""
    schedule = audience.schedule or config.audience_activation.schedule
    if schedule is None:
        raise InternalError("An audience has no schedule.", code="config.no-audience-schedule")
    return schedule


def export_mode_of(config: DeliveryConfig, audience: Audience) -> ExportMode:
    """An audience's own export mode, or the one of all."""
    mode = audience.export_mode or config.audience_activation.export_mode
    if mode is None:
        raise InternalError("An audience has no export mode.", code="config.no-audience-export-mode")
    return mode


def _selector(config: DeliveryConfig, audience: Audience, resolved: ResolvedAudience) -> dict[str, Any]:
    value: dict[str, Any] = {"id": resolved.id, "name": resolved.name}
    template = audience.filename_template or config.audience_activation.filename_template
    if template is not None:
        value["filenameTemplate"] = template
    value["exportMode"] = str(export_mode_of(config, audience))
    value["schedule"] = schedule_of(config, audience).model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"type": "PLATFORM_SEGMENT", "value": value}


def selector_id(selector: Any) -> str | None:
    """The audience of a selector as Adobe answers it; None where it has none."""
    value = selector.get("value") if isinstance(selector, dict) else None
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def selector_name(selector: Any) -> str:
    """What to call a selector of Adobe's: the audience's name, which need not be there, or its id."""
    value = selector["value"]
    return str(value.get("name") or value["id"])


def changed_selector(there: dict[str, Any], wanted: AudienceToExport) -> list[FieldChange]:
    """Where a selector is not as wanted, in a stable order. An audience's name is its own, so it is no difference."""
    return list(_changes(_own(there["value"]), _own(wanted.value)))


def merged_selector(there: dict[str, Any], wanted: AudienceToExport) -> dict[str, Any]:
    """The whole selector as it shall be: what is wanted, and all that Adobe or others have added.

    Adobe: Update destination dataflows; a selector is replaced whole, so what is left out is lost.
    """
    value, schedule = dict(there["value"]), there["value"].get("schedule")
    kept = {k: v for k, v in (schedule or {}).items() if k not in _SCHEDULE_FIELDS}
    if wanted.filename_template is None and value.get("filenameTemplate") != DEFAULT_FILENAME_TEMPLATE:
        value.pop("filenameTemplate", None)
    own = {name: field for name, field in wanted.value.items() if name not in ("id", "name", "schedule")}
    return {**there, "value": {**value, **own, "schedule": {**kept, **wanted.schedule}}}


def summary(value: dict[str, Any]) -> str:
    """How an audience is exported, in a few words: ``DAILY 06:00 from 2027-01-01 until 2027-06-30, full``."""
    schedule = value.get("schedule") or {}
    after = schedule.get("triggerType") == Trigger.AFTER_SEGMENT_EVAL
    words = [str(schedule.get("frequency")), "after segmentation" if after else str(schedule.get("startTime"))]
    words += [word for name, at in (("from", "startDate"), ("until", "endDate")) if (day := schedule.get(at))
              for word in (name, str(day))]  # fmt: skip
    full = value.get("exportMode") == ExportMode.DAILY_FULL_EXPORT
    return f"{' '.join(words)}, {'full' if full else 'first full, then incremental'}"


def _own(value: dict[str, Any]) -> dict[str, Any]:
    schedule = value.get("schedule") or {}
    return {
        "exportMode": value.get("exportMode"),
        "filenameTemplate": value.get("filenameTemplate"),
        **{f"schedule.{name}": schedule.get(name) for name in _SCHEDULE_FIELDS},
    }


def _changes(there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[FieldChange]:
    for path, after in wanted.items():
        before = there[path]
        if (before or _DEFAULTS.get(path)) != (after or _DEFAULTS.get(path)):
            yield FieldChange(path=path, before=before, after=after)
