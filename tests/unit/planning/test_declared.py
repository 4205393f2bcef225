from __future__ import annotations

from aep_delivery.adobe.requests import NewDataflow, NewSourceConnection, NewTargetConnection
from aep_delivery.planning.declared import KNOWN_AFTER_APPLY
from aep_delivery.planning.live import identity
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import AIRPORTS, PLANES, SCHEDULE, declaration


def test_bodies_are_what_adobe_takes() -> None:
    declared = declaration()

    NewSourceConnection.model_validate(declared.source_connection().body)
    NewTargetConnection.model_validate(declared.target_connection("base").body)
    dataflow = NewDataflow.model_validate(declared.dataflow("source", "target").body).body()
    assert dataflow["scheduleParams"] == SCHEDULE


def test_order_of_datasets_does_not_matter() -> None:
    one, other = declaration(PLANES, AIRPORTS).source_connection(), declaration(AIRPORTS, PLANES).source_connection()

    assert one == other
    assert one.fingerprint == other.fingerprint


def test_renamed_dataset_is_the_same_dataset() -> None:
    renamed = PLANES.model_copy(update={"name": "Aeroplanes"})

    assert identity(ResourceKind.SOURCE_CONNECTION, declaration(renamed).source_connection().body) == identity(
        ResourceKind.SOURCE_CONNECTION, declaration(PLANES).source_connection().body
    )


def test_fingerprint_follows_the_body() -> None:
    one = declaration().target_connection("base")

    assert one.fingerprint == declaration().target_connection("base").fingerprint
    assert one.fingerprint != declaration().target_connection("other").fingerprint
    assert one.fingerprint != declaration(destination={"compression": "GZIP"}).target_connection("base").fingerprint


def test_what_is_yet_to_be_made_has_a_placeholder() -> None:
    assert declaration().target_connection(None).body["baseConnectionId"] == KNOWN_AFTER_APPLY
    assert declaration().dataflow(None, "t").body["sourceConnectionIds"] == [KNOWN_AFTER_APPLY]


def test_every_resource_is_marked() -> None:
    declared = declaration(description="For the warehouse")
    resources = [
        declared.base_connection(),
        declared.source_connection(),
        declared.target_connection(None),
        declared.dataflow(None, None),
    ]

    assert [resource.kind for resource in resources] == [
        kind for kind in ResourceKind if kind is not ResourceKind.PROFILE_STORE_CONNECTION
    ]
    for resource in resources:
        assert declared.marker(resource.kind).marks(resource.body["description"])
        assert resource.body["description"].startswith("For the warehouse ")
