"""Audiences, segment jobs and export jobs as the Segmentation Service's answers show them."""

from __future__ import annotations

import uuid

from emulator.adobe.audiences import Audience
from emulator.adobe.clock import epoch_millis
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Json
from emulator.adobe.segmentation import SegmentJob

_CREATOR = "a.person@example.com"


def export_id(job: SegmentJob) -> str:
    """The id of the audience export job that followed an evaluation."""
    return str(uuid.uuid5(uuid.UUID(job.id), "export"))


def job_view(job: SegmentJob, sandbox: Sandbox) -> Json:
    """A segment job as GET answers it."""
    moment = epoch_millis(job.at)
    times = {"startTimeInMs": moment, "endTimeInMs": moment, "totalTimeInMs": 0}
    visible = [audience for audience in job.audiences if audience.visible_in(sandbox.name)]
    body: Json = {
        "id": job.id,
        "imsOrgId": sandbox.org,
        "sandbox": _sandbox(sandbox),
        "profileInstanceId": "ups",
        "source": job.source,
        "status": "SUCCEEDED" if job.error is None else "FAILED",
        "segments": [{"segmentId": audience.id, "segment": _segment(audience)} for audience in visible],
        "metrics": {
            "totalTime": times,
            "profileSegmentationTime": times,
            "totalProfiles": job.profiles,
            "segmentedProfileCounter": {
                audience.id: job.counts[audience.id]["realized"] + job.counts[audience.id]["existing"]
                for audience in visible
            },
            "segmentedProfileByStatusCounter": {audience.id: job.counts[audience.id] for audience in visible},
        },
        "schema": {"name": "_xdm.context.profile"},
        "creationTime": moment,
        "updateTime": moment,
        "updateEpoch": moment // 1000,
    }
    if job.error is not None:
        body["errors"] = [{"message": job.error}]
    return body


def export_view(job: SegmentJob, sandbox: Sandbox) -> Json:
    """The audience export job that followed an evaluation."""
    moment = epoch_millis(job.at)
    return {
        "id": export_id(job),
        "jobType": "BATCH",
        "status": "SUCCEEDED",
        "imsOrgId": sandbox.org,
        "sandbox": _sandbox(sandbox),
        "profileInstanceId": "ups",
        "properties": {"evaluationJobId": job.id},
        "creationTime": moment,
        "updateTime": moment,
    }


def definition_view(audience: Audience, sandbox: Sandbox) -> Json:
    """An audience as a segment definition."""
    created = epoch_millis(audience.created)
    return {
        "id": audience.id,
        "schema": {"name": "_xdm.context.profile"},
        "profileInstanceId": "ups",
        "imsOrgId": sandbox.org,
        "sandbox": _sandbox(sandbox),
        "name": audience.name,
        "description": audience.description,
        **_segment(audience),
        "evaluationInfo": {
            "batch": {"enabled": True},
            "continuous": {"enabled": False},
            "synchronous": {"enabled": False},
        },
        "dataGovernancePolicy": {"excludeOptOut": True},
        "creationTime": created,
        "updateEpoch": created // 1000,
        "updateTime": created,
    }


def audience_view(audience: Audience, sandbox: Sandbox) -> Json:
    """An audience as the newer endpoint shows it: a definition with some more."""
    body = definition_view(audience, sandbox)
    return {
        **body,
        "audienceId": audience.id,
        "isSystem": False,
        "createEpoch": body["creationTime"] // 1000,
        "_etag": f'"{uuid.uuid5(uuid.UUID(audience.id), audience.pql)}"',
        "dependents": [],
        "dependencies": [],
        "type": "SegmentDefinition",
        "originName": "REAL_TIME_CUSTOMER_PROFILE",
        "createdBy": _CREATOR,
        "lifecycleState": "published",
        "labels": [],
        "namespace": "AEPSegments",
    }


def _segment(audience: Audience) -> Json:
    return {
        "id": audience.id,
        "expression": {"type": "PQL", "format": "pql/text", "value": audience.pql},
        "mergePolicyId": audience.merge_policy,
    }


def _sandbox(sandbox: Sandbox) -> Json:
    kind = "production" if sandbox.name == "prod" else "development"
    return {"sandboxId": sandbox.id, "sandboxName": sandbox.name, "type": kind, "default": sandbox.name == "prod"}
