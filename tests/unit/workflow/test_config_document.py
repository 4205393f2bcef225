from __future__ import annotations

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.config_document import ConfigDocument

DOCUMENT = ConfigDocument(
    source="crm.yaml",
    positions={"scheduleParams": (14, 3), "scheduleParams.startTime": (16, 14), "destination.path": (3, 9)},
    files={"destination.path": "crm.base.yaml"},
    config={},
)


@pytest.mark.parametrize(
    ("place", "located"),
    [
        ("scheduleParams.startTime", "crm.yaml:16:14: scheduleParams.startTime"),
        ("scheduleParams.endTime", "crm.yaml:14:3: scheduleParams.endTime"),
        ("destination.path", "crm.base.yaml:3:9: destination.path"),
        ("POST /connections", "POST /connections"),
        (None, None),
    ],
)
def test_a_field_is_found_in_the_file(place, located):
    error = UserError("It ended.", code="schedule.ended", place=place)
    DOCUMENT.locate(error)
    assert error.place == located
