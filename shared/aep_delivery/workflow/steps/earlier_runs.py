"""What receipts tell of earlier deliveries of the same name: a few figures each, in one small document per delivery."""

from __future__ import annotations

from aep_delivery.runtime.errors import InternalError
from aep_delivery.runtime.log import logger
from aep_delivery.verification.receipt.history import MAX_EARLIER, this_run
from aep_delivery.verification.receipt.models import EarlierRun, Receipt
from aep_delivery.workflow.documents import read_document, write_document
from aep_delivery.workflow.messages import Message
from aep_delivery.workflow.services import Services


class KeptRuns(Message):
    """The figures of the last deliveries of one name."""

    runs: list[EarlierRun]
    """The newest first."""


def earlier_runs(receipt: Receipt, services: Services) -> list[EarlierRun]:
    """The deliveries before the one of `receipt`, the newest first; never this very one, whose step may be tried again.

    They only serve to compare with, so where they cannot be read there are none: S3 denies what is not there to those
    who may not list, and another version may have written them.
    """
    try:
        kept = read_document(services.documents, _key(receipt), KeptRuns)
    except InternalError as error:
        logger.info("no figures of earlier deliveries", extra={"code": error.code})
        return []
    return [run for run in kept.runs if run.execution != receipt.request.execution][:MAX_EARLIER]


def remember_run(receipt: Receipt, services: Services) -> None:
    """Keep the figures of `receipt` before those it tells of.

    Of two deliveries of one name that end in the same moment one may be left out: that costs a bar in a drawing, and a
    lock would cost more.
    """
    kept = KeptRuns(runs=[this_run(receipt), *receipt.earlier][:MAX_EARLIER])
    write_document(services.documents, _key(receipt), kept)


def _key(receipt: Receipt) -> str:
    return f"deliveries/{receipt.delivery.id}/earlier-runs.json"
