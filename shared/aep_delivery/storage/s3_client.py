"""The boto3 client that reads a destination with the destination's own credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def s3_client(access_key: str, secret_key: SecretStr, region: str | None, endpoint_url: str | None = None) -> S3Client:
    """A client that signs with exactly this credential, whatever the environment holds.

    Args:
        access_key: The access key id.
        secret_key: Its secret.
        region: The region of the bucket; None lets S3 redirect to it.
        endpoint_url: Another S3 than Amazon's, addressed path-style; None for Amazon's own.
    """
    # boto3 takes about 240 ms to import: only a step that really reads storage pays for it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    # A session of its own: the default one would mix in profiles and be shared with the function's role.
    session = boto3.session.Session(
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key.get_secret_value(),
        region_name=region or "us-east-1",
    )
    return session.client(
        "s3",
        endpoint_url=endpoint_url,
        config=Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5},
            s3={"addressing_style": "path" if endpoint_url else "auto"},
        ),
    )
