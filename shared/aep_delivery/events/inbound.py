"""What may start a delivery: a dropped config, a schedule, an event of somebody's own.

All three arrive in EventBridge's envelope. ``parse_inbound`` makes requests of them, ``execution_name`` the name that
lets a repeated event start nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from aep_delivery.runtime.errors import UserError

CONFIG_SUFFIXES = (".yaml", ".yml", ".json")
BASE_SUFFIXES = tuple(f".base{suffix}" for suffix in CONFIG_SUFFIXES)
"""Files that only other configs extend: dropping one delivers nothing."""
DELIVERY_REQUESTED = "Delivery Requested"
DELIVERY_SCHEDULED = "Delivery Scheduled"
OBJECT_CREATED = "Object Created"
CLI_SOURCE = "aep-delivery.cli"

MAX_EXECUTION_NAME = 80
_HASH_LENGTH = 32
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    bucket: str
    sandbox: str | None = None
    """The sandbox the sender means; the config decides, a difference is an error."""
    trigger: Literal["upload", "schedule", "event", "cli"]
    occasion: str = ""
    """What tells two wanted deliveries of the same config apart: the scheduled time, the event's id; empty for uploads,
    where the object's version does."""
    run_trigger: Literal["NOW", "SCHEDULED"] | None = None
    """Stands for ``run.trigger`` of the config, which is left as it was written; None where the config decides."""
    requested_at: datetime


class DeliveryRequest(_Request):
    """One delivery that somebody asks for."""

    key: str
    version_id: str | None = None
    """The config's version; None for the latest."""
    action: Literal["deliver"] = "deliver"


class PrefixRequest(_Request):
    """A delivery for every config under a prefix."""

    prefix: str

    def for_key(self, key: str, version_id: str | None = None) -> DeliveryRequest | None:
        """The request for one object found under the prefix, None where it is no config."""
        if not _is_config(key):
            return None
        return DeliveryRequest(
            bucket=self.bucket,
            key=key,
            version_id=version_id,
            sandbox=self.sandbox,
            trigger=self.trigger,
            occasion=self.occasion,
            requested_at=self.requested_at,
        )


class _Tolerant(BaseModel):
    """What others send: more fields may come."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Envelope(_Tolerant):
    """EventBridge's envelope, as far as it is needed (AWS: EventBridge event structure)."""

    id: str = ""
    source: str
    detail_type: Annotated[str, Field(alias="detail-type")]
    time: AwareDatetime
    detail: dict[str, Any]


class _Bucket(_Tolerant):
    name: str


class _Object(_Tolerant):
    key: str
    version_id: Annotated[str | None, Field(alias="version-id")] = None
    sequencer: str = ""


class _ObjectCreated(_Tolerant):
    bucket: _Bucket
    object: _Object


class DeliveryRequestedDetail(_Tolerant):
    """``detail`` of an event that asks for one delivery now."""

    bucket: str | None = None
    """The config's bucket; the stack's config bucket where left out."""
    key: Annotated[str, Field(min_length=1)]
    """The config's key."""
    version_id: str | None = None
    """The config's version; the latest where left out."""
    sandbox: str | None = None
    """The sandbox you mean; the request is refused where the config names another."""
    run_trigger: Literal["NOW", "SCHEDULED"] | None = None
    """Stands for the config's ``run.trigger`` this once: ``NOW`` for a run at once, ``SCHEDULED`` for the next one of
    the schedule."""


class DeliveryScheduledDetail(_Tolerant):
    """``detail`` of what a schedule sends."""

    bucket: str | None = None
    """The configs' bucket; the stack's config bucket where left out."""
    key: str | None = None
    """One config."""
    prefix: str | None = None
    """Every config under this prefix."""
    keys: str | None = None
    """One config's key, or a prefix that ends in a slash."""
    sandbox: str | None = None
    """The sandbox you mean."""

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if sum(value is not None for value in (self.key, self.prefix, self.keys)) != 1:
            raise ValueError("exactly one of key, prefix and keys")
        return self


def parse_inbound(
    event: Mapping[str, Any], *, config_bucket: str | None = None
) -> list[DeliveryRequest] | PrefixRequest:
    """What an event asks for.

    Args:
        event: An EventBridge event: S3 "Object Created", "Delivery Scheduled" or "Delivery Requested".
        config_bucket: The stack's config bucket, for events that name none.

    Returns:
        The requests; none for an object that is no config, or a base that others extend. A ``PrefixRequest`` where the
        bucket must be listed first.

    Raises:
        UserError: ``event.not-understood``.
    """
    try:
        envelope = Envelope.model_validate(event)
        match envelope.source, envelope.detail_type:
            case "aws.s3", "Object Created":
                return _uploaded(envelope)
            case _, "Delivery Scheduled":
                return _scheduled(envelope, config_bucket)
            case _, "Delivery Requested":
                return _requested(envelope, config_bucket)
    except ValidationError as error:
        fields = [".".join(map(str, found["loc"])) or "event" for found in error.errors(include_input=False)]
        raise _not_understood("An event lacks fields or has wrong ones.", sorted(set(fields))) from None
    raise _not_understood("An event is of no kind that starts a delivery.", [])


def execution_name(request: DeliveryRequest) -> str:
    """The name of the execution for a request: the same request always has the same name, another has another.

    Step Functions refuses a second execution of a name for 90 days, which is what makes repeated events harmless.

    Returns:
        The config's file name and a hash, at most 80 characters of ``A-Z a-z 0-9 - _``.
    """
    identity = [request.bucket, request.key, request.version_id, request.sandbox, request.action, request.occasion]
    # A JSON list, because joined texts are ambiguous and None is not "".
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:_HASH_LENGTH]
    stem = _NOT_IN_NAME.sub("-", PurePosixPath(request.key).stem)[: MAX_EXECUTION_NAME - 1 - _HASH_LENGTH].strip("-")
    return f"{stem or 'delivery'}-{digest}"


def _is_base(key: str) -> bool:
    return key.lower().endswith(BASE_SUFFIXES)


def _is_config(key: str) -> bool:
    return key.lower().endswith(CONFIG_SUFFIXES) and not _is_base(key)


def _uploaded(envelope: Envelope) -> list[DeliveryRequest]:
    # Unlike in S3's own notifications, keys in EventBridge events are not URL-encoded.
    created = _ObjectCreated.model_validate(envelope.detail)
    if not _is_config(created.object.key):
        return []
    return [
        DeliveryRequest(
            bucket=created.bucket.name,
            key=created.object.key,
            version_id=created.object.version_id,
            trigger="upload",
            # Without versions the sequencer is all that tells a changed config from a repeated event.
            occasion="" if created.object.version_id else created.object.sequencer,
            requested_at=envelope.time,
        )
    ]


def _scheduled(envelope: Envelope, config_bucket: str | None) -> list[DeliveryRequest] | PrefixRequest:
    detail = DeliveryScheduledDetail.model_validate(envelope.detail)
    bucket = _bucket(detail.bucket, config_bucket)
    occasion = envelope.time.isoformat()
    keys = detail.keys or ""
    prefix = detail.prefix if detail.prefix is not None else (keys if keys.endswith("/") else None)
    if prefix is not None:
        return PrefixRequest(
            bucket=bucket,
            prefix=prefix,
            sandbox=detail.sandbox,
            trigger="schedule",
            occasion=occasion,
            requested_at=envelope.time,
        )
    return [
        DeliveryRequest(
            bucket=bucket,
            key=_config_key(detail.key or keys),
            sandbox=detail.sandbox,
            trigger="schedule",
            occasion=occasion,
            requested_at=envelope.time,
        )
    ]


def _requested(envelope: Envelope, config_bucket: str | None) -> list[DeliveryRequest]:
    detail = DeliveryRequestedDetail.model_validate(envelope.detail)
    if not envelope.id:
        raise _not_understood("An event that asks for a delivery has no id.", ["id"])
    return [
        DeliveryRequest(
            bucket=_bucket(detail.bucket, config_bucket),
            key=_config_key(detail.key),
            version_id=detail.version_id,
            sandbox=detail.sandbox,
            trigger="cli" if envelope.source == CLI_SOURCE else "event",
            occasion=envelope.id,
            run_trigger=detail.run_trigger,
            requested_at=envelope.time,
        )
    ]


def _bucket(named: str | None, default: str | None) -> str:
    bucket = named or default
    if not bucket:
        raise _not_understood("An event names no bucket.", ["detail.bucket"])
    return bucket


def _config_key(key: str) -> str:
    if _is_base(key):
        raise _not_understood("An event asks for a base; ask for a config that extends it.", ["detail.key"])
    if not _is_config(key):
        raise _not_understood("An event asks for an object that is no config.", ["detail.key"])
    return key


def _not_understood(message: str, fields: list[str]) -> UserError:
    return UserError(
        message,
        code="event.not-understood",
        place=", ".join(fields) or None,
        hint=f'Send "{DELIVERY_REQUESTED}" with detail {{"key": "deliveries/….yaml"}}, or drop a config '
        f"({', '.join(CONFIG_SUFFIXES)}) into the config bucket.",
    )
