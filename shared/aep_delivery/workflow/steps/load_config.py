"""Reads the dropped config at its very version and keeps it, normalised, for the steps that follow."""

from __future__ import annotations

from botocore.exceptions import ClientError

from aep_delivery.config.load import read_config_file
from aep_delivery.config.source import MAX_BYTES
from aep_delivery.runtime.aws import aws_client, aws_error
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.config_document import ConfigDocument
from aep_delivery.workflow.documents import folder_of, write_document
from aep_delivery.workflow.messages import DeliveryRef, LoadConfig
from aep_delivery.workflow.services import Services


def load_config(message: LoadConfig, services: Services) -> DeliveryRef:
    """Read, check and keep a config.

    Raises:
        UserError: ``config.*`` with file, line and column of every mistake; ``config.not-found``.
    """
    request = message.request
    text = read_object(request.bucket, request.key, request.version_id)
    name = request.key.rpartition("/")[2]
    source, config = read_config_file(text, name)
    if request.sandbox is not None and request.sandbox != config.sandbox:
        raise UserError(
            f"The delivery was asked for in sandbox {request.sandbox}, but {name} is for {config.sandbox}.",
            code="config.other-sandbox",
            place=name,
            hint="A config names its sandbox; ask for that one or for none.",
        )
    document = ConfigDocument(source=name, positions=source.positions(), config=config.document())
    key = f"{folder_of(config.delivery_id, message.execution)}/config.json"
    return DeliveryRef(delivery_id=config.delivery_id, config=write_document(services.documents, key, document))


def read_object(bucket: str, key: str, version_id: str | None) -> bytes:
    """The bytes of a config, no more of them than a config may have and one."""
    which = {"VersionId": version_id} if version_id else {}
    try:
        answer = aws_client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{MAX_BYTES}", **which)
        return bytes(answer["Body"].read())
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "InvalidRange":
            return b""
        if code in {"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "AccessDenied"}:
            raise UserError(
                f"There is no config s3://{bucket}/{key} to read ({code}).",
                code="config.not-found",
                place=f"s3://{bucket}/{key}",
                hint="Only configs in the stack's config bucket can be delivered.",
            ) from None
        raise aws_error(error, doing=f"read s3://{bucket}/{key}") from None
