"""The documents of an execution, kept in the versioned work bucket.

::

    deliveries/<sandbox>/<name>/<execution>/config.json   what was asked
    deliveries/<sandbox>/<name>/<execution>/plan.json     what would change in Adobe
    deliveries/<sandbox>/<name>/<execution>/run.json      how the run ended
    deliveries/<sandbox>/<name>/<execution>/report.json   what verification found
    deliveries/<sandbox>/<name>/<execution>/receipt.json  all of it, with the verdict
    deliveries/<sandbox>/<name>/<execution>/receipt.html  the same, to read
    deliveries/<sandbox>/<name>/last-report.json          what to compare the next delivery's columns with
    deliveries/<sandbox>/<name>/earlier-runs.json         figures of the last deliveries, for the receipt of the next
    failures/<execution>/receipt.*                        where the config could not even be read
    status/status.json, status/index.html                 how all deliveries stand
    batches/<sandbox>/<name>/<execution>/                 what functions that verify together tell each other
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from aep_delivery.runtime.aws import AWS_ERRORS, aws_code, aws_error
from aep_delivery.runtime.errors import InternalError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Document = TypeVar("Document", bound=BaseModel)


class Documents(Protocol):
    """A place for documents, by key."""

    def put(self, key: str, body: str, content_type: str = "application/json") -> str:
        """Keep a text and return its URI."""

    def get(self, key: str) -> str:
        """The text under a key. Raises ``InternalError`` where there is none."""

    def uri(self, key: str) -> str:
        """What ``put`` returns for a key."""


def folder_of(delivery_id: str, execution: str) -> str:
    """The folder of one execution's documents."""
    return f"deliveries/{delivery_id}/{execution}"


def failure_folder(execution: str) -> str:
    """The folder for an execution that ended before its delivery was known."""
    return f"failures/{execution}"


def read_document(documents: Documents, key: str, model: type[Document]) -> Document:
    """A document as its model.

    Raises:
        InternalError: ``work.document-invalid`` where it is missing or not what this version writes.
    """
    try:
        return model.model_validate_json(documents.get(key))
    except ValidationError:
        raise InternalError(
            f"The document {key} in the work bucket is not a {model.__name__}.",
            code="work.document-invalid",
            place=key,
            hint="It was changed by hand or written by another version: start the delivery again.",
        ) from None


def write_document(documents: Documents, key: str, document: BaseModel) -> str:
    """Keep a model as JSON and return the key."""
    documents.put(key, document.model_dump_json(by_alias=True, indent=2))
    return key


class S3Documents:
    """The work bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: str, content_type: str = "application/json") -> str:
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body.encode(), ContentType=f"{content_type}; charset=utf-8"
            )
        except AWS_ERRORS as error:
            raise aws_error(error, doing=f"write {key} to the work bucket") from None
        return self.uri(key)

    def get(self, key: str) -> str:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read().decode()
        except AWS_ERRORS as error:
            if aws_code(error) in {"NoSuchKey", "404"}:
                raise _missing(key) from None
            raise aws_error(error, doing=f"read {key} from the work bucket") from None

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


class MemoryDocuments:
    """The twin for tests and for runs without a bucket."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put(self, key: str, body: str, content_type: str = "application/json") -> str:
        del content_type
        self.kept[key] = body
        return self.uri(key)

    def get(self, key: str) -> str:
        if key not in self.kept:
            raise _missing(key)
        return self.kept[key]

    def uri(self, key: str) -> str:
        return f"memory://{key}"


def _missing(key: str) -> InternalError:
    return InternalError(f"There is no document {key} in the work bucket.", code="work.document-missing", place=key)
