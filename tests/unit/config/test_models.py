from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from aep_delivery.config.changes import Allowance, DriftPolicy, EntityNames
from aep_delivery.config.destinations import Compression, DatasetFileType, ExistingConnectionAuth
from aep_delivery.config.models import DatasetReference, DeliveryConfig, Judgement
from aep_delivery.config.schedule import ExportMode, TimeUnit
from aep_delivery.runtime.errors import InternalError

Data = Callable[..., dict[str, Any]]
Codes = Callable[..., list[str]]

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2999, 12, 31)).map(  # noqa: DTZ001 - made aware here
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{1,62}", fullmatch=True)
DATASETS = st.lists(
    st.one_of(
        st.from_regex(r"[0-9a-f]{24}", fullmatch=True).map(lambda value: {"id": value}),
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40).map(lambda value: {"name": value}),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda dataset: tuple(dataset.items()),
)
SCHEDULES = st.sampled_from(
    [
        ("DAILY_FULL_EXPORT", 0, "day"),
        ("FIRST_FULL_THEN_INCREMENTAL", 1, "day"),
        *(("FIRST_FULL_THEN_INCREMENTAL", hours, "hour") for hours in (3, 6, 9, 12)),
    ]
)
ENTITIES = ["baseConnection", "sourceConnection", "targetConnection", "dataflow"]
ENTITY_ID = "72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"
AUTHS = st.one_of(
    NAMES.map(lambda name: {"type": "access-key", "secret": f"secret://{name}"}),
    st.just({"type": "existing-connection", "baseConnectionId": ENTITY_ID}),
    NAMES.map(
        lambda name: {"type": "existing-connection", "baseConnectionId": ENTITY_ID, "secret": f"secret://{name}"}
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    mode, interval, unit = draw(SCHEDULES)
    schedule: dict[str, Any] = {"exportMode": mode, "interval": interval, "timeUnit": unit}
    start, end = draw(MOMENTS), draw(MOMENTS)
    assume(start < end)
    if draw(st.booleans()):
        schedule["startTime"] = start.isoformat()
    if draw(st.booleans()):
        schedule["endTime"] = int(end.timestamp())
    if draw(st.booleans()):
        schedule["foldernameTemplate"] = draw(st.sampled_from(["/", "%DATASET_ID%/%EXPORT_TIME%", "x/%DATASET_NAME%"]))
    return {
        "version": 1,
        "name": draw(NAMES),
        "sandbox": draw(NAMES),
        "description": draw(st.text(max_size=50)),
        "destination": {
            "type": "amazon-s3",
            "auth": draw(AUTHS),
            "bucketName": draw(NAMES.filter(lambda name: len(name) > 2 and not name.endswith("-"))),
            "path": draw(NAMES),
            "datasetFileType": draw(st.sampled_from(["JSON", "PARQUET"])),
            "compression": draw(st.sampled_from(["NONE", "GZIP"])),
            "includeFileManifest": draw(st.booleans()),
            "allowUncompressedJson": True,
        },
        "datasets": draw(DATASETS),
        "scheduleParams": schedule,
        "run": {"trigger": draw(st.sampled_from(["SCHEDULED", "NOW"])), "deadlineMinutes": draw(st.integers(1, 10080))},
        "verify": {"recordCount": draw(st.sampled_from(["require", "report"]))},
        "names": draw(st.dictionaries(st.sampled_from(ENTITIES), NAMES)),
        **draw(st.sampled_from([{}, {"adopt": {"dataflow": ENTITY_ID}}])),
        "allow": draw(st.sampled_from([[], ["schedule-change"]])),
        "drift": draw(st.sampled_from(["report", "repair"])),
    }


@given(documents())
def test_the_normalised_document_round_trips(document: dict[str, Any]) -> None:
    config = DeliveryConfig.from_document(document)
    normalised = config.document()
    assert DeliveryConfig.from_document(normalised) == config
    assert DeliveryConfig.from_document(normalised).document() == normalised


def test_a_config_has_the_attributes_that_the_steps_use(valid: Data) -> None:
    config = DeliveryConfig.from_document(valid(scheduleParams__startTime="2027-01-01T02:00:00+02:00"))
    assert config.delivery_id == "prod/nyc-flights"
    assert config.destination.dataset_file_type is DatasetFileType.PARQUET
    assert config.destination.compression is Compression.GZIP
    assert config.destination.auth.secret_name == "flights-destination"
    assert config.schedule_params.export_mode is ExportMode.FIRST_FULL_THEN_INCREMENTAL
    assert config.schedule_params.time_unit is TimeUnit.HOUR
    assert config.schedule_params.start_time == datetime(2027, 1, 1, tzinfo=UTC)
    assert config.schedule_params.end_time is None
    assert (config.run.trigger, config.run.deadline_minutes) == ("SCHEDULED", 240)
    assert (config.verify.record_count, config.verify.file_count) == (Judgement.REQUIRE, Judgement.REQUIRE)
    assert config.datasets == (DatasetReference(name="Flights 2013"),)
    assert (config.names, config.adopt, config.allow) == (EntityNames(), None, ())
    assert config.drift is DriftPolicy.REPORT


def test_a_config_says_what_entities_are_called_and_what_may_change(load: Callable[..., DeliveryConfig]) -> None:
    config = load(
        names={"baseConnection": "A", "sourceConnection": "B", "targetConnection": "C", "dataflow": "D"},
        adopt={"dataflow": ENTITY_ID},
        allow=["schedule-change"],
        drift="repair",
    )
    names = config.names
    assert (names.base_connection, names.source_connection, names.target_connection, names.dataflow) == tuple("ABCD")
    assert config.adopt is not None
    assert config.adopt.dataflow == ENTITY_ID
    assert Allowance.SCHEDULE_CHANGE in config.allow
    assert config.drift is DriftPolicy.REPAIR


@pytest.mark.parametrize(("secret", "name"), [({}, None), ({"secret": "secret://reading"}, "reading")])
def test_an_existing_connection_needs_no_secret(
    load: Callable[..., DeliveryConfig], secret: dict[str, str], name: str | None
) -> None:
    auth = load(
        destination__auth={"type": "existing-connection", "baseConnectionId": ENTITY_ID, **secret}
    ).destination.auth
    assert isinstance(auth, ExistingConnectionAuth)
    assert (auth.base_connection_id, auth.secret_name) == (ENTITY_ID, name)


def test_the_document_spells_defaults_and_times_out(valid: Data) -> None:
    document = DeliveryConfig.from_document(valid(scheduleParams__startTime=1675901210)).document()
    assert document["scheduleParams"]["startTime"] == "2023-02-09T00:06:50Z"
    assert document["run"] == {"trigger": "SCHEDULED", "deadlineMinutes": 240}
    assert "endTime" not in document["scheduleParams"]


def test_a_config_cannot_be_changed(valid: Data) -> None:
    config = DeliveryConfig.from_document(valid())
    with pytest.raises(ValidationError):
        config.name = "other"  # type: ignore[misc]


def test_a_damaged_document_is_nobodys_fault_but_ours(valid: Data) -> None:
    with pytest.raises(InternalError) as caught:
        DeliveryConfig.from_document(valid(destination__path="CANARY %", sandbox=None))
    assert caught.value.code == "config.document-unreadable"
    assert caught.value.details == ["sandbox", "destination.amazon-s3.path"]
    assert "CANARY" not in caught.value.document().model_dump_json()
    assert caught.value.__suppress_context__


def test_t58_the_tutorials_schedule_is_accepted(codes: Codes) -> None:
    assert codes(scheduleParams__startTime=1675901210, scheduleParams__endTime=1691452800) == []


@pytest.mark.parametrize(
    ("mode", "interval", "unit"),
    [
        *(("FIRST_FULL_THEN_INCREMENTAL", hours, "hour") for hours in (3, 6, 9, 12)),
        ("FIRST_FULL_THEN_INCREMENTAL", 1, "day"),
        pytest.param("DAILY_FULL_EXPORT", 0, "day", id="t60"),
    ],
)
def test_supported_schedules_are_accepted(codes: Codes, mode: str, interval: int, unit: str) -> None:
    schedule = {"exportMode": mode, "interval": interval, "timeUnit": unit}
    assert codes(scheduleParams=schedule) == []


@given(mode=st.sampled_from(list(ExportMode)), interval=st.integers(-2, 30), unit=st.sampled_from(list(TimeUnit)))
def test_no_other_schedule_is_accepted(codes: Codes, mode: str, interval: int, unit: str) -> None:
    supported = {("DAILY_FULL_EXPORT", 0, "day"), ("FIRST_FULL_THEN_INCREMENTAL", 1, "day")} | {
        ("FIRST_FULL_THEN_INCREMENTAL", hours, "hour") for hours in (3, 6, 9, 12)
    }
    found = codes(scheduleParams={"exportMode": mode, "interval": interval, "timeUnit": unit})
    assert (found == []) is ((mode, interval, unit) in supported)
    assert all(code.startswith("config.schedule-") for code in found)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param(1675901210000, "config.time-in-milliseconds", id="t61-milliseconds"),
        pytest.param("1675901210", "config.time-quoted-number", id="t61-string"),
        ("2027-01-01T00:00:00", "config.time-without-timezone"),
        ("2027-01-01", "config.time-without-timezone"),
        ("2027-01-01T00:00:00.5Z", "config.time-invalid"),
        ("9999-12-31T23:59:59-12:00", "config.time-invalid"),
        ("0001-01-01T00:00:00+12:00", "config.time-invalid"),
        ("1969-12-31T23:59:59Z", "config.time-invalid"),
        ("", "config.time-invalid"),
        (-1, "config.time-invalid"),
        (1.5, "config.time-invalid"),
        (True, "config.time-invalid"),
        ([], "config.time-invalid"),
        (99_999_999_999, None),
        ("2027-01-01 01:00:00+01:00", None),
    ],
)
def test_times(codes: Codes, value: object, code: str | None) -> None:
    assert codes(scheduleParams__startTime=value) == ([code] if code else [])


def test_t31_json_without_compression_only_on_request(codes: Codes) -> None:
    uncompressed = {"destination__datasetFileType": "JSON", "destination__compression": "NONE"}
    assert codes(**uncompressed) == ["config.uncompressed-json"]
    assert codes(**uncompressed, destination__allowUncompressedJson=True) == []
    assert codes(**(uncompressed | {"destination__datasetFileType": "PARQUET"})) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("a b", "config.path-space", id="t34-blank"),
        pytest.param("a/%SEGMENT_X%", "config.path-macro", id="t34-unknown-macro"),
        pytest.param("a/%DATASET_ID%", "config.path-macro", id="t34-macro-on-dataset-target"),
        ("/a", "config.path-leading-slash"),
        ("a//b", "config.path-empty-folder"),
        ("../a", "config.path-dots"),
        ("a/./b", "config.path-dots"),
        ("a\\b", "config.path-characters"),
        ("s3://bucket/a", "config.path-characters"),
        ("a?b", "config.path-characters"),
        ("", "config.path-characters"),
        ("a" * 513, "config.too-long"),
        ("a!-_.*'()/B9", None),
    ],
)
def test_paths(codes: Codes, path: str, code: str | None) -> None:
    assert codes(destination__path=path) == ([code] if code else [])


def test_a_trailing_slash_makes_no_difference(load: Callable[..., DeliveryConfig]) -> None:
    assert load(destination__path="exports/flights/") == load()


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%", None),
        ("/", None),
        ("year=%EXPORT_TIME%/", None),
        ("%FOO%", "config.template-macro"),
        ("%SEGMENT_ID%", "config.template-macro"),
        ("50%", "config.template-percent"),
        ("/%DATASET_ID%", "config.path-leading-slash"),
        ("a/../%DATASET_ID%", "config.path-dots"),
        ("a b", "config.template-characters"),
        ("", "config.template-characters"),
        ("x" * 256, "config.too-long"),
    ],
)
def test_folder_templates(codes: Codes, template: str, code: str | None) -> None:
    assert codes(scheduleParams__foldernameTemplate=template) == ([code] if code else [])


@pytest.mark.parametrize(
    ("reference", "accepted"),
    [
        ("secret://flights", True),
        ("secret://team/flights_1+2=3.4@5-6", True),
        ("secret://", False),
        ("secret://a b", False),
        ("secret://a?b", False),
        ("flights", False),
        ("https://vault.example.com/flights", False),
        ("secret://flights\n", False),
    ],
)
def test_secret_references(codes: Codes, reference: str, *, accepted: bool) -> None:
    found = codes(destination__auth={"type": "access-key", "secret": reference})
    assert found == ([] if accepted else ["config.secret-reference"])
