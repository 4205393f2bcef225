"""Whether a config is still what lies under its key, when its turn has come.

Events come late and in any order, and executions wait for each other's lock. The one that has the lock and finds itself
outdated must not undo what a newer one has done. S3 is read after the lock was taken: what is newer than the answer
waits for the lock in its turn.
"""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict

from aep_delivery.runtime.aws import AWS_ERRORS, aws_client, aws_code, aws_error
from aep_delivery.runtime.errors import UserError

_ENOUGH = 8 << 20
"""Bytes; more than a config may have. Anybody may put anything there."""


class Dropped(BaseModel):
    """An object of the config bucket as it was read.

    By its content, as a version may say the same as the one before, and an ETag of an encrypted object says nothing.
    """

    model_config = ConfigDict(frozen=True)

    bucket: str
    key: str
    sha256: str

    @classmethod
    def of(cls, bucket: str, key: str, body: bytes) -> Dropped:
        return cls(bucket=bucket, key=key, sha256=hashlib.sha256(body).hexdigest())


def refuse_superseded(dropped: Dropped) -> None:
    """See that nothing else was dropped under the same key since. One that is gone was not replaced.

    Raises:
        UserError: ``config.superseded``.
        TransientError: S3 does not answer as it should.
    """
    try:
        latest = aws_client("s3").get_object(Bucket=dropped.bucket, Key=dropped.key)["Body"].read(_ENOUGH)
    except AWS_ERRORS as error:
        if aws_code(error) == "NoSuchKey":
            return
        raise aws_error(error, doing=f"read s3://{dropped.bucket}/{dropped.key}") from None
    if Dropped.of(dropped.bucket, dropped.key, latest) != dropped:
        raise UserError(
            "Another version of this config was dropped meanwhile, and it is that one which counts.",
            code="config.superseded",
            place=f"s3://{dropped.bucket}/{dropped.key}",
            hint="Nothing is to be done: the newer one has an execution of its own. To deliver this version after all, "
            "drop it again.",
        )
