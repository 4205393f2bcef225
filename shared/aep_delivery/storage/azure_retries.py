"""When Azure's storage client asks again."""

from __future__ import annotations

from typing import Any

from azure.core.exceptions import AzureError
from azure.storage.blob import ExponentialRetry

from aep_delivery.storage.broken_connection import untrusted_certificate


class Retries(ExponentialRetry):
    """Growing pauses, as the storage client has them, but none for a certificate: waiting makes nobody trust it."""

    def increment(
        self, settings: dict[str, Any], request: Any, response: Any = None, error: AzureError | None = None
    ) -> bool:
        if error is not None and untrusted_certificate(error) is not None:
            return False
        return super().increment(settings, request, response, error)
