"""The receipts of a delivery, as the work bucket keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from aep_delivery.running.models import RunOutcome
from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.workflow.documents import folder_of, read_document
from aep_delivery.workflow.services import Services

_RECEIPT, _RUN = "receipt.json", "run.json"
VERIFICATION = "verify"
"""What the names of executions begin with that only verify."""


@dataclass(frozen=True)
class Kept:
    """One document of an execution, not read yet.

    Attributes:
        execution: The execution that wrote it.
        folder: Of the execution's documents.
        written_at: By S3's clock.
    """

    execution: str
    folder: str
    written_at: datetime

    @property
    def verified_again(self) -> bool:
        """Whether no delivery wrote it, but ``verify``."""
        return self.execution.startswith(f"{VERIFICATION}-")


def kept_receipts(services: Services, delivery_id: str) -> list[Kept]:
    """All receipts of a delivery, newest first. One look at the work bucket for each 1,000 documents.

    Raises:
        ClientError: AWS refuses.
    """
    return _kept(services, delivery_id, _RECEIPT)


def receipt_of(services: Services, delivery_id: str, execution: str) -> Receipt | None:
    """The receipt of an execution; None where it has none."""
    kept = [one for one in kept_receipts(services, delivery_id) if one.execution == execution]
    return read_receipt(services, kept[0].folder) if kept else None


def awaited_run(services: Services, delivery_id: str, run_id: str | None) -> tuple[str, RunOutcome]:
    """The execution that awaited a run last, and how that run ended.

    Args:
        services: For the work bucket.
        delivery_id: ``sandbox/name``.
        run_id: Adobe's id of the run; None for the one that was awaited last.

    Raises:
        UserError: ``cli.run-unknown``; no execution has awaited it to its end.
    """
    seen: list[str] = []
    for kept in _kept(services, delivery_id, _RUN):
        outcome = read_document(services.documents, f"{kept.folder}/{_RUN}", RunOutcome)
        if run_id is None or run_id in outcome.run_ids:
            return kept.execution, outcome
        seen += outcome.run_ids
    if run_id is None:
        raise UserError(
            f"No run of the delivery {delivery_id} was awaited yet, so there is nothing to verify.",
            code="cli.run-unknown",
            hint=f"`aep-delivery status {delivery_id}` tells how far it got, `aep-delivery status` which there are.",
        )
    raise UserError(
        f"No execution of {delivery_id} has awaited a run {run_id}.",
        code="cli.run-unknown",
        place="--run",
        hint=f"The latest that were awaited: {', '.join(seen[:3])}." if seen else "None was awaited yet.",
    )


def _kept(services: Services, delivery_id: str, wanted: str) -> list[Kept]:
    prefix = folder_of(delivery_id, "")
    pages = (
        aws_client("s3").get_paginator("list_objects_v2").paginate(Bucket=services.settings.work_bucket, Prefix=prefix)
    )
    found = []
    for page in pages:
        for item in page.get("Contents", []):
            execution, _, file = item["Key"].removeprefix(prefix).partition("/")
            if file == wanted:
                found.append(Kept(execution, prefix + execution, item["LastModified"]))
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
    key = f"{folder}/{_RECEIPT}"
    try:
        return Receipt.from_json(services.documents.get(key))
    except (ValueError, ValidationError):
        raise InternalError(
            f"The document {key} in the work bucket is not a receipt.",
            code="work.document-invalid",
            place=key,
            hint="It was changed by hand, or a newer version wrote it: use that version's aep-delivery.",
        ) from None
