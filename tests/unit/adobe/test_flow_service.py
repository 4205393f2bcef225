from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from aep_delivery.adobe.errors import (
    AdobeInternalError,
    AdobeTransientError,
    AdobeUserError,
    EntityNotFoundError,
    OutcomeUnknownError,
)
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.paging import MAX_PAGES
from aep_delivery.adobe.requests import (
    Authentication,
    DatasetReference,
    DatasetSourceParams,
    JsonPatchOperation,
    NewBaseConnection,
    NewDataflow,
    NewSourceConnection,
    NewTargetConnection,
    ScheduleParams,
    SpecReference,
)
from aep_delivery.adobe.target_params import BucketParams
from aep_delivery.runtime.clock import FixedClock
from tests.unit.adobe.scripted import S3_SECRET, ScriptedAdobe

BASE = "/data/foundation/flowservice"
SPEC = SpecReference(id="spec-1")
CONNECTION = NewBaseConnection(
    name="n",
    connection_spec=SPEC,
    auth=Authentication(spec_name="Access Key", params={"s3SecretKey": SecretStr(S3_SECRET)}),
)
SOURCE = NewSourceConnection(
    name="n",
    connection_spec=SPEC,
    params=DatasetSourceParams(datasets=[DatasetReference(data_set_id="d", name="D")]),
)
TARGET = NewTargetConnection(
    name="n",
    base_connection_id="b",
    connection_spec=SPEC,
    params=BucketParams(bucket_name="bucket", path="p", compression="GZIP", dataset_file_type="JSON"),
)
FLOW = NewDataflow(
    name="n",
    flow_spec=SPEC,
    source_connection_ids=["s"],
    target_connection_ids=["t"],
    schedule_params=ScheduleParams(interval=3, time_unit="hour", start_time=1),
)


def page(*ids: str, following: str | None = None, **fields: object) -> httpx.Response:
    links = {"next": {"href": following}} if following else {}
    return httpx.Response(200, json={"items": [{"id": one, **fields} for one in ids], "_links": links})


@pytest.mark.parametrize(
    ("path", "create"),
    [
        ("/connections", lambda service: service.create_connection(CONNECTION)),
        ("/sourceConnections", lambda service: service.create_source_connection(SOURCE)),
        ("/targetConnections", lambda service: service.create_target_connection(TARGET)),
        ("/flows", lambda service: service.create_dataflow(FLOW)),
    ],
)
@pytest.mark.parametrize("etag", [None, '"e"'])
def test_creating_posts_the_body_once(
    flow_service: FlowService,
    adobe: ScriptedAdobe,
    path: str,
    create: Callable[[FlowService], object],
    etag: str | None,
) -> None:
    adobe.script = [httpx.Response(201, json={"id": "new"} | ({"etag": etag} if etag else {}))]

    created = create(flow_service)

    assert (adobe.calls[0].method, adobe.calls[0].url.path) == ("POST", BASE + path)
    assert json.loads(adobe.calls[0].content)["name"] == "n"
    assert (created.id, created.etag) == ("new", etag)  # type: ignore[attr-defined]


def test_the_credentials_are_sent(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(201, json={"id": "new"})]

    flow_service.create_connection(CONNECTION)

    assert json.loads(adobe.calls[0].content)["auth"]["params"] == {"s3SecretKey": S3_SECRET}


@pytest.mark.parametrize("content", [b"", b"{}", b"<html>", b'{"id": ""}'])
def test_a_create_answered_without_an_id_has_an_unknown_outcome(
    flow_service: FlowService, adobe: ScriptedAdobe, content: bytes
) -> None:
    adobe.script = [httpx.Response(201, content=content)]

    with pytest.raises(OutcomeUnknownError):
        flow_service.create_dataflow(FLOW)


def test_t10_a_lost_answer_leaves_the_next_post_to_the_caller(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(503), page(), httpx.Response(201, json={"id": "new"})]

    with pytest.raises(OutcomeUnknownError):
        flow_service.create_dataflow(FLOW)
    assert list(flow_service.find_dataflows(name="n")) == []
    assert flow_service.create_dataflow(FLOW).id == "new"
    assert [call.method for call in adobe.calls] == ["POST", "GET", "POST"]


READS: list[tuple[str, Callable[[FlowService], object]]] = [
    ("/connections/a%2Fb", lambda service: service.get_connection("a/b")),
    ("/sourceConnections/x", lambda service: service.get_source_connection("x")),
    ("/targetConnections/x", lambda service: service.get_target_connection("x")),
    ("/flows/x", lambda service: service.get_dataflow("x")),
    ("/runs/x", lambda service: service.get_run("x")),
    ("/connectionSpecs/x", lambda service: service.connection_spec("x")),
    ("/flowSpecs/x", lambda service: service.flow_spec("x")),
]


@pytest.mark.parametrize(("path", "read"), READS)
def test_one_entity_is_the_first_of_items(
    flow_service: FlowService, adobe: ScriptedAdobe, path: str, read: Callable[[FlowService], object]
) -> None:
    adobe.script = [page("x")]

    assert read(flow_service).id == "x"  # type: ignore[attr-defined]
    assert adobe.calls[0].url.raw_path.decode() == BASE + path


@pytest.mark.parametrize(("path", "read"), READS)
def test_t23_empty_items_are_not_found(
    flow_service: FlowService, adobe: ScriptedAdobe, path: str, read: Callable[[FlowService], object]
) -> None:
    adobe.script = [httpx.Response(200, json={"items": []})]

    with pytest.raises(EntityNotFoundError) as caught:
        read(flow_service)

    assert caught.value.code == "adobe.entity-not-found"


@pytest.mark.parametrize("wrong", ["", " ", ".", ".."])
def test_an_empty_id_never_addresses_a_collection(flow_service: FlowService, wrong: str) -> None:
    for call in (flow_service.get_dataflow, flow_service.delete_dataflow, flow_service.test_connection):
        with pytest.raises(ValueError, match="an id is needed"):
            call(wrong)


def test_all_pages_are_read_with_the_same_filters(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        page("1", following="/flows?property=x&continuationToken=abc%3D%3D", name="a b"),
        page(following="/flows?continuationToken=d=e="),
        page("2", name="a b"),
    ]

    found = list(flow_service.find_dataflows(name="a b", flow_spec_id="spec"))

    assert [flow.id for flow in found] == ["1", "2"]
    filters = [("property", "name==a b"), ("property", "flowSpec.id==spec"), ("limit", "100")]
    assert [call.url.params.multi_items() for call in adobe.calls] == [
        filters,
        [*filters, ("continuationToken", "abc==")],
        [*filters, ("continuationToken", "d=e=")],
    ]


def test_pages_are_read_as_they_are_asked_for(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [page("1", following="/flows?continuationToken=abc")]

    assert next(flow_service.find_dataflows()).id == "1"
    assert len(adobe.calls) == 1


def test_pages_in_a_circle_end(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [page("1", following="/flows?continuationToken=abc") for _ in range(9)]

    with pytest.raises(AdobeInternalError):
        list(flow_service.find_dataflows())

    assert len(adobe.calls) == 2


def test_names_must_match_to_the_letter(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    items = [{"id": "1", "name": "a,b"}, {"id": "2", "name": "a"}, {"id": "3"}]
    adobe.script = [httpx.Response(200, json={"items": items}), httpx.Response(200, json={"items": items})]

    assert [flow.id for flow in flow_service.find_dataflows(name="a,b")] == ["1"]
    assert [flow.id for flow in flow_service.find_connections(name="a")] == ["2"]
    # To Adobe a comma means "or": such a name would be looked for in halves, and not be found.
    assert [call.url.params.get("property") for call in adobe.calls] == [None, "name==a"]


def test_filters_of_the_other_kinds(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [page("1"), page("2"), page("3")]

    list(flow_service.find_connections(connection_spec_id="c"))
    list(flow_service.find_source_connections(connection_spec_id="c"))
    list(flow_service.find_target_connections(base_connection_id="b", connection_spec_id="c"))

    assert [call.url.params.get_list("property") for call in adobe.calls] == [
        ["connectionSpec.id==c"],
        ["connectionSpec.id==c"],
        ["baseConnectionId==b", "connectionSpec.id==c"],
    ]


PATCH = [JsonPatchOperation(op="replace", path="/name", value="new")]


@pytest.mark.parametrize(
    "answer", [httpx.Response(202), httpx.Response(200, json={"id": "x", "etag": '"2"'}), httpx.Response(204)], ids=repr
)
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/connections", "patch_connection"),
        ("/sourceConnections", "patch_source_connection"),
        ("/targetConnections", "patch_target_connection"),
        ("/flows", "patch_dataflow"),
    ],
)
def test_t18_every_success_of_a_patch_is_one(
    flow_service: FlowService, adobe: ScriptedAdobe, path: str, method: str, answer: httpx.Response
) -> None:
    adobe.script = [answer]

    getattr(flow_service, method)("x", PATCH, etag="e")

    call = adobe.calls[0]
    assert (call.method, call.url.path, call.headers["if-match"]) == ("PATCH", f"{BASE}{path}/x", '"e"')
    assert json.loads(call.content) == [{"op": "replace", "path": "/name", "value": "new"}]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(202),
        httpx.Response(204),
        httpx.Response(404, json={"errorMessage": "flows not found"}),
        httpx.Response(
            400, json={"type": "https://ns.adobe.com/aep/errors/FLOW-1458-400", "title": "The entity is being deleted"}
        ),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/connections", "delete_connection"),
        ("/sourceConnections", "delete_source_connection"),
        ("/targetConnections", "delete_target_connection"),
        ("/flows", "delete_dataflow"),
    ],
)
def test_t79_deleting_what_is_gone_is_fine(
    flow_service: FlowService, adobe: ScriptedAdobe, path: str, method: str, answer: httpx.Response
) -> None:
    adobe.script = [answer, answer]

    getattr(flow_service, method)("x")

    assert (adobe.calls[0].method, adobe.calls[0].url.path) == ("DELETE", f"{BASE}{path}/x")
    assert "if-match" not in adobe.calls[0].headers


def test_t78_a_connection_in_use_is_not_deleted(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(400, json={"type": "https://ns.adobe.com/aep/errors/FLOW-1418-400", "status": 400})]

    with pytest.raises(AdobeUserError) as caught:
        flow_service.delete_connection("x")

    assert caught.value.code == "adobe.connection-in-use"


def test_a_deletion_that_adobe_can_not_do_now_is_an_error(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(400, json={"type": "https://ns.adobe.com/aep/errors/FLOW-1420-400", "status": 400})]

    with pytest.raises(AdobeTransientError) as caught:
        flow_service.delete_dataflow("x")

    assert caught.value.code == "adobe.update-in-progress"


def test_one_404_is_not_believed_by_who_deletes(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    gone = {"type": "https://ns.adobe.com/aep/errors/FLOW-1439-404", "status": 404}
    adobe.script = [httpx.Response(404, json=gone), httpx.Response(204)]

    flow_service.delete_source_connection("x")

    assert [call.method for call in adobe.calls] == ["DELETE", "DELETE"]


def test_a_missing_sandbox_is_not_taken_for_a_missing_entity(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(404, json={"type": "https://ns.adobe.com/aep/errors/FLOW-2100-404", "status": 404})]

    with pytest.raises(AdobeUserError) as caught:
        flow_service.delete_dataflow("x")

    assert caught.value.code == "adobe.sandbox-not-found"


@pytest.mark.parametrize("result", [True, False])
def test_t38_a_failed_connection_test_is_an_answer(
    flow_service: FlowService, adobe: ScriptedAdobe, *, result: bool
) -> None:
    adobe.script = [httpx.Response(200, json={"result": result})]

    assert flow_service.test_connection("x") is result
    assert adobe.calls[0].url.path == f"{BASE}/connections/x/test"


@pytest.mark.parametrize(("enable", "op"), [(True, "enable"), (False, "disable")])
def test_a_dataflow_is_switched_by_an_action(
    flow_service: FlowService, adobe: ScriptedAdobe, *, enable: bool, op: str
) -> None:
    adobe.script = [httpx.Response(503), httpx.Response(200, json={"id": "x", "etag": '"2"'})]

    flow_service.set_dataflow_state("x", enable)

    call = adobe.calls[-1]
    assert (call.method, call.url.path) == ("POST", f"{BASE}/flows/x/action")
    assert call.url.params.multi_items() == [("op", op)]
    assert call.content == b""
    assert "if-match" not in call.headers


def runs_page(*created: int, following: str | None = None) -> httpx.Response:
    items = [{"id": f"r{millis}", "flowId": "f", "createdAt": millis} for millis in created]
    links = {"next": {"href": f"/runs?continuationToken={following}"}} if following else {}
    return httpx.Response(200, json={"items": items, "_links": links})


def test_runs_are_newest_first_whatever_order_they_come_in(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [runs_page(3000, 5000, following="a"), runs_page(4000)]

    assert [run.created_at for run in flow_service.runs("f")] == [5000, 4000, 3000]
    params = adobe.calls[0].url.params
    assert (params["property"], params["orderby"]) == ("flowId==f", "-createdAt")


def test_runs_before_the_moment_are_left_out_and_not_paged_through(
    flow_service: FlowService, adobe: ScriptedAdobe
) -> None:
    adobe.script = [runs_page(5000, 4000, following="a"), runs_page(3999, 3000, following="b")]

    found = flow_service.runs("f", created_after=datetime.fromtimestamp(4, UTC))

    assert [run.created_at for run in found] == [5000, 4000]


def test_server_time_asks_where_nothing_was_answered(
    flow_service: FlowService, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.script = [httpx.Response(200, json={"items": []}, headers={"Date": "Fri, 01 Jan 2027 00:00:00 GMT"})]

    assert flow_service.server_time() == datetime(2027, 1, 1, tzinfo=UTC)
    assert flow_service.server_time() == datetime(2027, 1, 1, tzinfo=UTC)
    assert len(adobe.calls) == 1


def test_server_time_of_a_warm_function_is_asked_again(
    flow_service: FlowService, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.script = [
        httpx.Response(200, json={"items": []}, headers={"Date": f"Fri, 01 Jan 2027 0{hour}:00:00 GMT"})
        for hour in (0, 5)
    ]
    flow_service.server_time()
    clock.sleep(3600)

    assert flow_service.server_time() == datetime(2027, 1, 1, 5, tzinfo=UTC)


def test_server_time_without_a_date_is_our_own(
    flow_service: FlowService, adobe: ScriptedAdobe, clock: FixedClock
) -> None:
    adobe.script = [httpx.Response(200, json={"items": []})]

    assert flow_service.server_time() == clock.now()


def test_pages_without_end_end(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [page(following=f"/flows?continuationToken={number}") for number in range(MAX_PAGES + 1)]

    with pytest.raises(AdobeInternalError, match="more than 1,000 pages") as caught:
        list(flow_service.find_dataflows())

    assert caught.value.code == "adobe.answer-unreadable"
    assert len(adobe.calls) == MAX_PAGES


def test_a_next_page_at_no_address_is_told(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [page("1", following="http://[::1")]

    with pytest.raises(AdobeInternalError, match="no address of a next page"):
        list(flow_service.find_dataflows())


@pytest.mark.parametrize("wrong", ["..", "", " ", " a", "a\n", "\x1b[2J", "x" * 256, "\u00e9"])
def test_an_id_that_is_none_is_not_taken(flow_service: FlowService, adobe: ScriptedAdobe, wrong: str) -> None:
    adobe.script = [httpx.Response(200, json={"items": [{"id": wrong}]})]

    with pytest.raises(AdobeInternalError, match="unexpected id in Dataflow"):
        flow_service.get_dataflow("1")


def test_a_moment_that_no_calendar_has_is_not_taken(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(200, json={"items": [{"id": "r", "createdAt": 10**30}]})]

    with pytest.raises(AdobeInternalError, match="unexpected createdAt in Run"):
        flow_service.runs("f")


def test_of_many_unexpected_fields_some_are_named(flow_service: FlowService, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(200, json={"items": [{"id": "f", "sourceConnectionIds": [1] * 50_000}]})]

    with pytest.raises(AdobeInternalError, match="and 49990 more in Dataflow") as caught:
        flow_service.get_dataflow("f")

    assert len(str(caught.value)) < 1_000
