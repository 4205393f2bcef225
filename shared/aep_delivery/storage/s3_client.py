"""The boto3 client that reads a destination with the destination's own credential."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


GCS_ENDPOINT = "https://storage.googleapis.com"
"""Google Cloud Storage by its XML API, which understands S3's requests signed with HMAC keys (Google: Interoperability
with other storage providers).

It lists with ``list-type=2`` and deletes up to 1,000 objects in one request, as S3 does. It keeps no checksum that S3's
headers could tell (its own are in ``x-goog-hash``), so an object's ``checksum`` is None there; it refuses trailers with
checksums; it has no regions to redirect between; and it answers an object stored with ``Content-Encoding: gzip`` with
what is inside unless asked for gzip, in which case ranges are not kept.
"""


def s3_client(
    access_key: str,
    secret_key: SecretStr,
    region: str | None,
    endpoint_url: str | None = None,
    *,
    session_token: SecretStr | None = None,
) -> S3Client:
    """A client that signs with exactly this credential, whatever the environment holds.

    Args:
        access_key: The access key id; for Google Cloud Storage that of an HMAC key.
        secret_key: Its secret.
        region: The region of the bucket; None takes the function's own, from which S3 redirects to the bucket's.
        endpoint_url: Another S3 than Amazon's, addressed path-style, such as :data:`GCS_ENDPOINT`; None for Amazon's
            own.
        session_token: The third part of a temporary credential, such as the one for a landing zone.
    """
    # boto3 takes about 240 ms to import: only a step that really reads storage pays for it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    from aep_delivery.storage.s3_direct import CONNECTIONS  # noqa: PLC0415

    # A session of its own: the default one would mix in profiles and be shared with the function's role.
    session = boto3.session.Session(
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key.get_secret_value(),
        aws_session_token=session_token.get_secret_value() if session_token else None,
        region_name=region or (None if endpoint_url else os.environ.get("AWS_REGION")) or "us-east-1",
    )
    return session.client(
        "s3",
        endpoint_url=endpoint_url,
        config=Config(
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=CONNECTIONS,
            retries={"mode": "standard", "max_attempts": 5},
            # What only Amazon understands is sent, and asked for, where a call says so.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    )
