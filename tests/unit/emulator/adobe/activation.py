"""Audience dataflows of both generations, made in the shortest way."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .conftest import ACCESS_KEY, BUCKET, S3_SPEC, SECRET_KEY, Adobe, body, keys

GOLD = "25768be6-ebd5-45cc-8913-12fb3f348613"
READERS = "9f7d37fd-7039-4454-94ef-2b0cd6c3206a"
SPENDERS = "3f1b4c52-9f0e-4c77-8a64-5d1c6f0f9b21"
OTHER_POLICY = "ef006bbe-750e-4e81-85f0-0c6902192dcc"
AUDIENCES = f"""
audiences:
  - {{id: {GOLD}, name: Loyalty Gold, where: {{loyalty.tier: [gold, platinum]}}}}
  - {{id: {READERS}, name: Readers/US, description: Who reads, where: {{homeAddress.countryCode: US}}}}
  - {{id: {SPENDERS}, name: Spenders, mergePolicyId: {OTHER_POLICY}, where: {{loyalty.points: {{atLeast: 1000}}}}}}
"""
DAY, HOUR = 86400, 3600
FIRST_GENERATION_S3 = {"id": "4890fc95-5a1f-4983-94bb-e060c08e3f81", "version": "1.0"}
PROFILE_STORE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
UPS_TO_CAMPAIGN = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
S3_AUDIENCES = {"id": "1a0514a6-33d4-4c7f-aff8-594799c47549", "version": "1.0"}
SELECTORS = "/transformations/0/params/segmentSelectors/selectors"
ATTRIBUTES = "/transformations/0/params/profileSelectors/selectors"
TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"


def profile(number: int, tier: str = "gold", **changes: Any) -> dict[str, Any]:
    email = f"p{number}@example.com"
    return {
        "identityMap": {"Email": [{"id": email}], "CRMID": [{"id": f"C-{number}"}]},
        "person": {"name": {"firstName": f"First{number}", "lastName": "Last"}},
        "personalEmail": {"address": email},
        "homeAddress": {"countryCode": "US" if number % 2 else "DE"},
        "loyalty": {"tier": tier, "points": number * 500},
        **changes,
    }


def write_profiles(
    lake: Path,
    profiles: Iterable[dict[str, Any]] | None = None,
    *,
    changes: Sequence[dict[str, Any]] = (),
    audiences: str = AUDIENCES,
) -> None:
    """Three gold profiles and one silver unless told otherwise. The audiences come last: with them it begins."""
    folder = lake / "_profiles"
    folder.mkdir(exist_ok=True)
    rows = [*(profile(number) for number in (1, 2, 3)), profile(4, "silver")] if profiles is None else profiles
    (folder / "profiles.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "changes.ndjson").write_text("".join(json.dumps(change) + "\n" for change in changes))
    (folder / "audiences.yaml").write_text(audiences)


def change(number: int, at: str, **values: Any) -> dict[str, Any]:
    return {"at": at, "identity": {"CRMID": f"C-{number}"}, "set": {k.replace("__", "."): v for k, v in values.items()}}


def schedule(frequency: str = "DAILY", **changes: Any) -> dict[str, Any]:
    """Daily at 01:00 from the emulator's first day on, for ten days."""
    given = {
        "frequency": frequency,
        "startDate": "2027-01-01",
        "endDate": "2027-01-11",
        "startTime": "01:00",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def selector(
    audience: str = GOLD, mode: str = "FIRST_FULL_THEN_INCREMENTAL", times: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    value = {
        "id": audience,
        "filenameTemplate": TEMPLATE,
        "exportMode": mode,
        "schedule": times or schedule(),
        **fields,
    }
    return {"type": "PLATFORM_SEGMENT", "value": {key: item for key, item in value.items() if item is not None}}


def full(audience: str = GOLD, times: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return selector(audience, "DAILY_FULL_EXPORT", times or schedule(triggerType="SCHEDULED"), **fields)


def attribute(path: str) -> dict[str, Any]:
    return {"type": "JSON_PATH", "value": {"path": path}}


def add(path: str, value: object) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def first_generation_skeleton() -> list[dict[str, Any]]:
    params = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
    return [{"name": "GeneralTransform", "params": params}]


def current_skeleton() -> list[dict[str, Any]]:
    params = {"mandatoryFields": [], "primaryFields": [], "profileMapping": {}, "segmentSelectors": {"selectors": []}}
    return [{"name": "GeneralTransform", "params": params}]


def first_generation_flow(
    adobe: Adobe,
    transformations: object = None,
    spec: dict[str, str] = FIRST_GENERATION_S3,
    auth: dict[str, Any] | None = None,
    flow_spec: dict[str, str] = UPS_TO_CAMPAIGN,
    **params: Any,
) -> str:
    """A flow from the profile store, to Amazon S3 unless told otherwise, without audiences yet."""
    store = adobe.create("connections", {"name": "store", "connectionSpec": PROFILE_STORE})
    source = adobe.create(
        "sourceConnections",
        {
            "name": "profiles",
            "connectionSpec": PROFILE_STORE,
            "baseConnectionId": store,
            "data": {"format": "CSV", "schema": None},
            "params": {},
        },
    )
    keys = {"specName": "Access Key", "params": {"s3AccessKey": ACCESS_KEY, "s3SecretKey": SECRET_KEY}}
    base = adobe.create("connections", {"name": "b", "connectionSpec": spec, "auth": auth or keys})
    target = adobe.create(
        "targetConnections",
        {
            "name": "t",
            "baseConnectionId": base,
            "connectionSpec": spec,
            "data": {"format": "json", "schema": {"id": "1.0", "version": "1.0"}},
            "params": {"format": "CSV", **(params or {"mode": "S3", "bucketName": BUCKET, "path": "audiences"})},
        },
    )
    return flow(adobe, flow_spec, source, target, transformations or first_generation_skeleton())


def current_flow(adobe: Adobe, transformations: object = None, **params: Any) -> str:
    source = adobe.create("sourceConnections", {"name": "profiles", "connectionSpec": PROFILE_STORE})
    given = {"mode": "Server-to-server", "bucketName": BUCKET, "path": "audiences", "compression": "NONE", **params}
    given.setdefault("fileType", "CSV")
    target = adobe.create(
        "targetConnections",
        {"name": "t", "baseConnectionId": adobe.base(), "connectionSpec": S3_SPEC, "params": given},
    )
    return flow(adobe, S3_AUDIENCES, source, target, transformations or current_skeleton())


def flow(adobe: Adobe, spec: dict[str, str], source: str, target: str, transformations: object) -> str:
    made = adobe.create(
        "flows",
        {
            "name": "activation",
            "flowSpec": spec,
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": transformations,
        },
    )
    adobe.advance(10)
    return made


def patch(adobe: Adobe, flow_id: str, *operations: dict[str, Any]) -> Any:
    answer = adobe.patch(f"/flows/{flow_id}", list(operations), adobe.item(f"/flows/{flow_id}")["etag"])
    adobe.advance(10)
    return answer


def activate(adobe: Adobe, *selectors: dict[str, Any], paths: Sequence[str] = ("personalEmail.address",)) -> str:
    """A first-generation flow with audiences and attributes."""
    made = first_generation_flow(adobe)
    operations = [add(f"{SELECTORS}/-", item) for item in selectors] + [
        add(f"{ATTRIBUTES}/-", attribute(path)) for path in paths
    ]
    answer = patch(adobe, made, *operations)
    assert answer.status_code == 200, answer.text
    return made


def mapping_set(adobe: Adobe, columns: dict[str, str]) -> dict[str, Any]:
    """A mapping set of columns and their sources, as ``profileMapping`` names it."""
    conversion = "/data/foundation/conversion"
    union = adobe.get("/data/core/ups/config/entityTypes/_xdm.context.profile").json()
    partner = adobe.item(f"/connectionSpecs/{S3_SPEC['id']}")["targetSpec"]["attributes"]["partnerSchema"]["jsonSchema"]
    ids = [adobe.post(f"{conversion}/schemas", {"name": "s", "jsonSchema": s}).json()["id"] for s in (union, partner)]
    mappings = [{"destination": d, "source": s, "sourceType": "ATTRIBUTE"} for d, s in columns.items()]
    answer = adobe.post(
        f"{conversion}/mappingSets",
        {"inputSchema": {"id": ids[0]}, "outputSchema": {"id": ids[1]}, "mappings": mappings, "xdmVersion": "1.0"},
    )
    assert answer.status_code == 200, answer.text
    return {"mappingId": answer.json()["id"], "mappingVersion": answer.json()["version"]}


def activate_current(adobe: Adobe, *selectors: dict[str, Any], columns: dict[str, str], **params: Any) -> str:
    """A flow of the current generation with audiences and a mapping set."""
    made = current_flow(adobe, **params)
    mapping = add("/transformations/0/params/profileMapping", mapping_set(adobe, columns))
    answer = patch(adobe, made, mapping, *(add(f"{SELECTORS}/-", item) for item in selectors))
    assert answer.status_code == 200, answer.text
    return made


def files(s3: Any, prefix: str = "audiences/") -> list[str]:
    """The data files, oldest name first."""
    return [key for key in keys(s3, prefix) if "manifest-" not in key]


def rows(s3: Any, key: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(s3, key).decode())))
