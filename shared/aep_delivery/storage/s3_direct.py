"""Ranges of objects in S3 with little around each request: reading thousands of footers is bound by a client's CPU.

A boto3 client takes 3 ms of CPU for one ``get_object``: endpoint rules, validation, hooks, retries, parsing. Here the
request is signed with botocore's own signer and sent over botocore's own connections, for a fifth of that. Whatever is
not answered with exactly the range is left to the client, which retries, follows a bucket to its region, and knows the
errors.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, SSLError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

CONNECTIONS = 32
"""Kept open to one storage, as many as requests may be in flight."""
_PARTIAL = 206
_THIS_TIME = {200, 404, 412, 416, 429, 500, 502, 503, 504}
"""What is said of one object or one moment. Whatever else is no range will be the same for every object."""


class DirectReads:
    """Reads ranges of one bucket's objects. Threads may share it.

    Args:
        client: Whose credential and endpoint it uses.
        bucket: The bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._base = f"{client.meta.endpoint_url}/{bucket}/"
        self._region = client.meta.region_name
        # boto3's own accelerated transfers (boto3.crt) ask a client for its credential in the same way.
        self._credentials: Credentials | None = client._get_credentials()  # type: ignore[attr-defined]  # noqa: SLF001
        # The way through a proxy is the client's to know.
        self._works = not get_environ_proxies(self._base)
        # Its stubs know neither a bundle of certificates nor two timeouts, both of which botocore itself passes.
        self._session = URLLib3Session(
            verify=os.environ.get("AWS_CA_BUNDLE") or True,  # type: ignore[arg-type]
            timeout=(5, 60),  # type: ignore[arg-type]
            max_pool_connections=CONNECTIONS,
        )

    def read(self, key: str, start: int, length: int, *, etag: str) -> bytes | None:
        """`length` bytes from `start`, or fewer at the end; None where the client is to ask instead."""
        if not self._works:
            return None
        request = AWSRequest(
            "GET",
            self._base + quote(key, safe="/~"),
            headers={"Range": f"bytes={start}-{start + length - 1}", "If-Match": etag, "Accept-Encoding": "identity"},
        )
        if self._credentials is not None:
            S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        try:
            answer = self._session.send(request.prepare())
            data = answer.content
        except BotoCoreError as error:
            self._works = not isinstance(error, EndpointConnectionError | SSLError)
            return None
        if answer.status_code == _PARTIAL:
            return data
        self._works = answer.status_code in _THIS_TIME
        return None
