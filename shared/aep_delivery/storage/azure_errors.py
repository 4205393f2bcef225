"""What Azure's storage client raises, as one of our four classes of error."""

from __future__ import annotations

from enum import StrEnum

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.broken_connection import reason, untrusted_certificate
from aep_delivery.storage.reader import ObjectChangedError


class Right(StrEnum):
    """What a call needs: the permission of a shared access signature."""

    READ = "read (r)"
    LIST = "list (l)"
    DELETE = "delete (d)"

    @property
    def role(self) -> str:
        """The smallest built-in role that holds it."""
        return "Storage Blob Data Contributor" if self is Right.DELETE else "Storage Blob Data Reader"


_NO_CONTAINER = {"ContainerNotFound", "ContainerBeingDeleted", "ContainerDisabled"}
_CREDENTIALS = {
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "NoAuthenticationInformation",
    "KeyBasedAuthenticationNotPermitted",
}
_TRANSIENT = {"InternalError", "OperationTimedOut", "ServerBusy"}
_CHANGED = {"BlobNotFound", "BlobOverwritten", "ConditionNotMet", "ResourceNotFound", "TargetConditionNotMet"}


def storage_error(
    error: AzureError, *, endpoint: str, container: str, right: Right, key: str | None = None
) -> DeliveryError:
    """The error to raise instead of azure-core's, and without it as its cause: connection errors hold the whole URL,
    and in that a shared access signature.

    Args:
        error: What azure-core raised.
        endpoint: Host of the account's blob service, and the account where the path names it.
        container: The container it was about.
        right: What the call needs, for the hint.
        key: The blob it was about, where it was about one.
    """
    place = f"https://{endpoint}/{container}/{key or ''}"
    if is_broken(error):
        return _no_connection(error, place)
    code, status = error_code(error), _status(error)
    if code in _NO_CONTAINER:
        return UserError(
            f"The container {container} does not exist.",
            code="storage.container-not-found",
            hint="Check the container's name and that the credential is one of its storage account.",
            place=place,
        )
    if key is not None and (code in _CHANGED or status in {404, 412}):
        return ObjectChangedError(
            "The blob was rewritten or removed while it was read.", code="storage.object-changed", place=place
        )
    if code in _TRANSIENT or status >= 500 or status in {408, 429}:
        return TransientError(
            f"Azure Storage asks to come back later ({code or status}).",
            code="storage.busy",
            place=place,
            retry_after_seconds=_retry_after(error),
        )
    advice = _advice(error, code, status, container=container, right=right)
    if advice is None:
        return InternalError(
            f"Azure Storage refused the call ({code or status or type(error).__name__}).",
            code="storage.call-refused",
            place=place,
        )
    own_code, message, hint = advice
    return UserError(message, code=own_code, hint=hint, place=place)


def certificate_error(whose: str, why: str, *, place: str | None = None) -> UserError:
    """The error for a server that is not who it says, or is vouched for by an authority that is not known here.

    Args:
        whose: The certificate, as the subject of a sentence.
        why: As OpenSSL says it.
        place: What was asked for.
    """
    return UserError(
        f"{whose} is not trusted: {why}.",
        code="storage.certificate-untrusted",
        hint="Where a proxy or a company's own authority signs certificates, name its file in REQUESTS_CA_BUNDLE; "
        "otherwise somebody may be listening in.",
        place=place,
    )


def error_code(error: AzureError) -> str:
    """Azure's own code, such as ``BlobNotFound``; empty where it gave none."""
    code = getattr(error, "error_code", None)
    # An enum for the codes that the client knows, text for the others.
    return str(getattr(code, "value", code) or "")


def is_missing(error: AzureError) -> bool:
    """True where the blob does not exist; not where its container does not."""
    return _status(error) == 404 and error_code(error) not in _NO_CONTAINER


def is_past_the_end(error: AzureError) -> bool:
    """True where a range starts behind the last byte; for an empty blob every range does."""
    return _status(error) == 416


def is_broken(error: AzureError) -> bool:
    """True where the connection broke or never came about: there is no answer, or not all of it."""
    if isinstance(error, ServiceRequestError | ServiceResponseError | IncompleteReadError):
        return True
    # So the client reports a body of which the end is missing, when it has tried three times.
    return (
        isinstance(error, HttpResponseError)
        and error.response is None
        # A key that cannot even be signed with gets no answer either.
        and not isinstance(error, ClientAuthenticationError)
    )


def _no_connection(error: AzureError, place: str) -> DeliveryError:
    untrusted = untrusted_certificate(error)
    if untrusted is not None:
        return certificate_error("Azure Storage's certificate", untrusted, place=place)
    return TransientError(
        f"The connection to Azure Storage failed: {reason(error).rstrip('.')}.",
        code="storage.connection-failed",
        place=place,
    )


def _status(error: AzureError) -> int:
    return (error.status_code or 0) if isinstance(error, HttpResponseError) else 0


def _retry_after(error: AzureError) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    value = str(headers.get("Retry-After", ""))
    return float(value) if value.isdecimal() else None


def _advice(error: AzureError, code: str, status: int, *, container: str, right: Right) -> tuple[str, str, str] | None:
    """Our code, the sentence and the hint for what only a person can mend."""
    if code == "AuthenticationFailed" and "time frame" in _detail(error):
        return (
            "storage.credentials-rejected",
            "The shared access signature has expired or is not valid yet.",
            "Make a new one; those of a landing zone come from Adobe and are renewed with every delivery.",
        )
    if code in _CREDENTIALS or isinstance(error, ClientAuthenticationError):
        return (
            "storage.credentials-rejected",
            f"Azure Storage does not accept the credential ({code or status or type(error).__name__}).",
            "Check the secret the config names: was the account key rotated, or has the signature expired?",
        )
    if code == "BlobArchived":
        return (
            "storage.object-archived",
            "The blob lies in the archive tier and cannot be read.",
            "Rehydrate it to the hot or cool tier.",
        )
    if status in {401, 403} or code == "AccountIsDisabled":
        return (
            "storage.access-denied",
            f"The credential may not do this in the container {container} ({code or status}).",
            (
                f"A service principal needs the role {right.role} on the container, a shared access signature the "
                f"permission {right} and an expiry that has not passed; the account's firewall must let the reader in."
            ),
        )
    return None


def _detail(error: AzureError) -> str:
    return str(getattr(error, "additional_info", {}).get("authenticationerrordetail", ""))
