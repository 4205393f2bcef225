"""The rules for names: of the delivery, the sandbox, a dataset, an entity in Adobe, a bucket, a secret."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from aep_delivery.config.base import TextRule, Violation

SECRET_SCHEME = "secret://"  # noqa: S105 - the scheme of a reference, not a secret

_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

BUCKET_PATTERN = r"^(?!\d{1,3}(?:\.\d{1,3}){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"


def check_bucket_name(name: str) -> Violation | None:
    """The first of AWS's rules for general purpose buckets that a name breaks (AWS: Bucket naming rules)."""
    if _ADDRESS.fullmatch(name):
        return Violation("config.bucket-name", "looks like an IP address", "Give the bucket's name, not a host.")
    if "://" in name or "/" in name:
        return Violation(
            "config.bucket-name",
            "is more than a bucket's name",
            "Give the bare name in `bucketName` and the folder in `path`.",
        )
    if not _BUCKET.fullmatch(name) or ".." in name:
        return Violation(
            "config.bucket-name",
            "is not a name that S3 allows",
            "3 to 63 lower case letters, digits, dots and hyphens, starting and ending with a letter or digit.",
        )
    return None


DeliveryName = Annotated[
    str,
    TextRule.shape(
        r"^[a-z][a-z0-9-]{1,62}$",
        Violation(
            "config.delivery-name",
            "is not a name for a delivery",
            "2 to 63 lower case letters, digits and hyphens, starting with a letter: nyc-flights.",
        ),
    ),
]

SandboxName = Annotated[
    str,
    TextRule.shape(
        r"^[a-z0-9][a-z0-9-]{0,255}$",
        Violation(
            "config.sandbox-name",
            "is not the name of a sandbox",
            "Give the name, not the title: lower case letters, digits and hyphens, as in `prod` or `dev-1`.",
        ),
    ),
]

DatasetId = Annotated[
    str,
    TextRule.shape(
        r"^[0-9a-f]{24}$",
        Violation(
            "config.dataset-id",
            "is not a dataset id",
            "24 lower case hexadecimal digits, as in 5ef3e324052581191aa6a466; or give the dataset's `name` instead.",
        ),
    ),
]

DatasetName = Annotated[
    str,
    Field(max_length=255),
    TextRule.shape(
        r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
        Violation(
            "config.dataset-name",
            "is empty, or has blanks around it or control characters in it",
            "Copy the name as the dataset's page in Experience Platform shows it.",
        ),
    ),
]

EntityId = Annotated[
    str,
    TextRule.shape(
        r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        Violation(
            "config.entity-id",
            "is not the id of a connection or dataflow",
            "Copy it from Flow Service: lower case hexadecimal digits in five groups, "
            "as in 72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63.",
        ),
    ),
]
"""The id of a connection or dataflow in Flow Service."""

EntityName = Annotated[
    str,
    Field(max_length=255),
    TextRule.shape(
        r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
        Violation(
            "config.entity-name",
            "is empty, or has blanks around it or control characters in it",
            "Give one line of text, as people shall read it in Experience Platform; or leave it out.",
        ),
    ),
]

BucketName = Annotated[str, TextRule(BUCKET_PATTERN, check_bucket_name)]


def check_google_bucket_name(name: str) -> Violation | None:
    """The first of Google's rules that a bucket's name breaks (Google: Cloud Storage, bucket names)."""
    if name.startswith("goog") or "google" in name:
        return Violation(
            "config.bucket-name",
            "starts with goog or contains google, which Google reserves",
            "Give the name of your bucket, as the Google Cloud console shows it.",
        )
    return check_bucket_name(name)


GoogleBucketName = Annotated[
    str, TextRule(BUCKET_PATTERN.replace("^", "^(?!goog)(?!.*google)", 1), check_google_bucket_name)
]

ContainerName = Annotated[
    str,
    TextRule.shape(
        r"^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$",
        Violation(
            "config.container-name",
            "is not a name that Azure allows for a container",
            "3 to 63 lower case letters, digits and single hyphens, starting and ending with a letter or digit.",
        ),
    ),
]

AudienceId = Annotated[
    str,
    TextRule.shape(
        r"^[0-9A-Za-z][0-9A-Za-z_.:-]{0,254}$",
        Violation(
            "config.audience-id",
            "is not the id of an audience",
            "Copy it from the audience's page, as in 9f7d37fd-7039-4454-94ef-2b0cd6c3206a; or give its `name`.",
        ),
    ),
]
"""Usually a UUID; audiences from elsewhere bring ids of their own."""

AudienceName = Annotated[
    str,
    Field(max_length=255),
    TextRule.shape(
        r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
        Violation(
            "config.audience-name",
            "is empty, or has blanks around it or control characters in it",
            "Copy the name as the audience's page in Experience Platform shows it.",
        ),
    ),
]

_SECRET_REFERENCE = re.compile(r"^secret://[A-Za-z0-9/_+=.@-]{1,512}")


def _check_secret_reference(text: str) -> Violation | None:
    if _SECRET_REFERENCE.fullmatch(text):
        return None
    if text.removeprefix(SECRET_SCHEME).startswith("arn:"):
        return Violation(
            "config.secret-reference",
            "is an ARN, but the name of the secret goes here",
            "Write `secret://` and the name: what follows `:secret:` there, without the last `-` and six characters.",
        )
    return Violation(
        "config.secret-reference",
        "must be a reference to a secret, never a key, a password or an address (what is there now is not shown)",
        "Store the credential in AWS Secrets Manager and write `secret://` and its name. "
        "If a real secret stood here, rotate it.",
    )


SecretReference = Annotated[
    str,
    TextRule(_SECRET_REFERENCE.pattern + "$", _check_secret_reference),
]
"""``secret://`` and the name of a secret in Secrets Manager. A name, not a secret: it may be shown."""
