"""The receipts of a delivery, as the work bucket keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.workflow.documents import folder_of
from aep_delivery.workflow.services import Services

_FILE = "receipt.json"


@dataclass(frozen=True)
class KeptReceipt:
    """One receipt, not read yet.

    Attributes:
        execution: The execution that wrote it.
        folder: Of the execution's documents.
        written_at: By S3's clock.
    """

    execution: str
    folder: str
    written_at: datetime


def kept_receipts(services: Services, delivery_id: str) -> list[KeptReceipt]:
    """All receipts of a delivery, newest first. One look at the work bucket for each 1,000 documents.

    Raises:
        ClientError: AWS refuses.
    """
    prefix = folder_of(delivery_id, "")
    pages = (
        aws_client("s3").get_paginator("list_objects_v2").paginate(Bucket=services.settings.work_bucket, Prefix=prefix)
    )
    found = []
    for page in pages:
        for item in page.get("Contents", []):
            execution, _, file = item["Key"].removeprefix(prefix).partition("/")
            if file == _FILE:
                found.append(KeptReceipt(execution, prefix + execution, item["LastModified"]))
    return sorted(found, key=lambda one: one.written_at, reverse=True)


def chosen_receipt(services: Services, delivery_id: str, execution: str | None) -> str:
    """The folder of a receipt: that of an execution, by name or ARN, or else the latest one.

    Raises:
        UserError: ``cli.receipt-unknown``; there is none, or none of this execution.
    """
    kept = kept_receipts(services, delivery_id)
    if execution is None:
        if kept:
            return kept[0].folder
        raise UserError(
            f"There is no receipt of a delivery {delivery_id}.",
            code="cli.receipt-unknown",
            hint=f"Has it been delivered? `aep-delivery status {delivery_id}` tells; "
            "`aep-delivery status` lists all that are known.",
        )
    name = execution.rpartition(":")[2]
    folders = {one.execution: one.folder for one in kept}
    if name not in folders:
        latest = ", ".join([*folders][:3])
        raise UserError(
            f"There is no receipt of the execution {name} of {delivery_id}.",
            code="cli.receipt-unknown",
            hint=f"The latest: {latest}." if latest else "There is none of this delivery at all.",
        )
    return folders[name]


def read_receipt(services: Services, folder: str) -> Receipt:
    """The receipt in a folder. Raises ``InternalError`` ``work.document-invalid`` where it cannot be understood."""
    key = f"{folder}/{_FILE}"
    try:
        return Receipt.from_json(services.documents.get(key))
    except (ValueError, ValidationError):
        raise InternalError(
            f"The document {key} in the work bucket is not a receipt.",
            code="work.document-invalid",
            place=key,
            hint="It was changed by hand, or a newer version wrote it: use that version's aep-delivery.",
        ) from None
