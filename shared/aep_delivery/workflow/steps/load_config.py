"""Reads the dropped config at its very version, with what it extends, and keeps it normalised for the next steps."""

from __future__ import annotations

from typing import NamedTuple

from aep_delivery.config.load import load_config_files
from aep_delivery.config.source import MAX_BYTES
from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.runtime.aws import AWS_ERRORS, aws_client, aws_code, aws_error
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.invocation import concerns
from aep_delivery.workflow.allowed_sandboxes import check_allowed
from aep_delivery.workflow.announcing import Announcer
from aep_delivery.workflow.config_document import ConfigDocument, ConfigSource
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import DeliveryRef, LoadConfig
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.superseded import Dropped


def load_config(message: LoadConfig, services: Services) -> DeliveryRef:
    """Read, check and keep a config.

    Raises:
        UserError: ``config.*`` with file, line and column of every mistake; ``config.not-found``;
            ``sandbox.not-allowed-here``.
    """
    request = message.request
    if request.bucket != services.settings.config_bucket:
        # The role alone does not keep others out: a bucket of the account may let everybody in by its own policy.
        raise _not_found(request.bucket, request.key, "another bucket")
    files = _ConfigFiles(request)
    composed, config = load_config_files(files.name, files.read)
    concerns(delivery=config.delivery_id)
    if request.sandbox is not None and request.sandbox != config.sandbox:
        raise UserError(
            f"The delivery was asked for in sandbox {request.sandbox}, but {files.name} is for {config.sandbox}.",
            code="config.other-sandbox",
            place=files.name,
            hint="A config names its sandbox; ask for that one or for none.",
        )
    if request.run_trigger is not None:
        # The places stay those of the text: it says nothing wrong, somebody means something else this once.
        run = config.run.model_copy(update={"trigger": request.run_trigger})
        config = config.model_copy(update={"run": run})
    document = ConfigDocument.of(composed, config, tuple(files.sources), files.dropped)
    try:
        check_allowed(config, request.key, services.settings.allowed_sandboxes)
    except UserError as error:
        document.locate(error)
        raise
    key = f"{folder_of(config.delivery_id, message.execution)}/config.json"
    write_document(services.documents, key, document)
    Announcer(message.execution, config.delivery_id, services).accepted(request, key)
    return DeliveryRef(delivery_id=config.delivery_id, config=key)


class _ConfigFiles:
    """The dropped config and, at their latest versions, the files beside and below it."""

    def __init__(self, request: DeliveryRequest) -> None:
        self.name = request.key.rpartition("/")[2]
        self.sources: list[ConfigSource] = []
        self.dropped: Dropped | None = None
        """The config itself, where nobody has asked for this very version of it."""
        self._request = request
        self._folder = request.key.removesuffix(self.name)

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises ``FileNotFoundError`` for an extended file that is not there."""
        asked_for = name == self.name
        key = self._folder + name
        try:
            found = read_object(self._request.bucket, key, self._request.version_id if asked_for else None)
        except UserError:
            if asked_for:
                raise
            raise FileNotFoundError(key) from None
        self.sources.append(ConfigSource(name=name, key=key, version=found.version))
        if asked_for and (self._request.trigger == "upload" or self._request.version_id is None):
            self.dropped = Dropped.of(self._request.bucket, key, found.body)
        return found.body


class ConfigObject(NamedTuple):
    """An object's bytes and the version that they are."""

    body: bytes
    version: str | None


def read_object(bucket: str, key: str, version_id: str | None) -> ConfigObject:
    """A config's bytes, no more of them than a config may have and one.

    Args:
        bucket: The config bucket.
        key: The config's key.
        version_id: The version; None for the latest.

    Raises:
        UserError: ``config.not-found``.
        TransientError: S3 does not answer as it should.
    """
    which = {"VersionId": version_id} if version_id else {}
    try:
        answer = aws_client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{MAX_BYTES}", **which)
        return ConfigObject(bytes(answer["Body"].read()), answer.get("VersionId"))
    except AWS_ERRORS as error:
        code = aws_code(error)
        if code == "InvalidRange":
            return ConfigObject(b"", version_id)
        if code in {"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "AccessDenied"}:
            raise _not_found(bucket, key, code) from None
        raise aws_error(error, doing=f"read s3://{bucket}/{key}") from None


def _not_found(bucket: str, key: str, why: str) -> UserError:
    return UserError(
        f"There is no config s3://{bucket}/{key} to read ({why}).",
        code="config.not-found",
        place=f"s3://{bucket}/{key}",
        hint="Only configs in the stack's config bucket can be delivered.",
    )
