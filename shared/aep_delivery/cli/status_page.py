"""The page of how all deliveries stand, where the installation keeps it, and for whoever may not read the bucket."""

from __future__ import annotations

from pathlib import Path

import boto3
from botocore.config import Config

from aep_delivery.cli.new_file import unwritable
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.status.draw import PAGE
from aep_delivery.workflow.services import Services

SECONDS = 600
"""How long a link works. Whoever has it needs no credentials."""


def page(services: Services) -> str:
    """The page as it lies in the work bucket.

    Raises:
        UserError: ``cli.page-missing``; it was not drawn yet.
        InternalError: S3 refuses.
    """
    try:
        return services.documents.get(PAGE)
    except InternalError as error:
        if error.code != "work.document-missing":
            raise
        raise UserError(
            "There is no status page yet.",
            code="cli.page-missing",
            place=services.documents.uri(PAGE),
            hint="It is drawn after each delivery, and every hour. Does it stay away, the log of DrawStatusFunction "
            "says why.",
        ) from None


def link(bucket: str) -> str:
    """An address of the page that opens in any browser for :data:`SECONDS`, signed with your own credentials."""
    # The older signature, which boto3 still takes here, opens no object that KMS encrypts (Amazon S3: presigned URLs).
    client = boto3.client("s3", config=Config(signature_version="s3v4"))
    signed: str = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": PAGE}, ExpiresIn=SECONDS)
    return signed


def save(path: Path, text: str) -> None:
    """Write the page. Raises ``UserError`` ``cli.file-unwritable``."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(path, error) from None
