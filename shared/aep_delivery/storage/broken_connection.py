"""Why a connection failed, from beneath the layers that requests, urllib3 and azure-core put around the reason."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

_DEEPEST = 12


def untrusted_certificate(error: BaseException) -> str | None:
    """What is wrong with the other side's certificate, as OpenSSL says it; None where that is not the reason."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message.rstrip(".") or "it could not be verified"
    return None


def reason(error: BaseException) -> str:
    """The innermost reason, without anything that was sent: what the operating system says, or a class's name."""
    causes = [*_causes(error)]
    for cause in reversed(causes):
        # What libraries derive from OSError holds the whole URL, and has no number of the system's.
        if isinstance(cause, OSError) and isinstance(cause.errno, int) and cause.strerror:
            return cause.strerror
    return type(causes[-1]).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    cause: BaseException | None = error
    for _ in range(_DEEPEST):
        if cause is None:
            return
        yield cause
        # azure-core, urllib3's MaxRetryError and requests each hold what they came from in a way of their own.
        own = (getattr(cause, name, None) for name in ("inner_exception", "reason"))
        held = (cause.__cause__, *own, *cause.args, cause.__context__)
        cause = next((one for one in held if isinstance(one, BaseException)), None)
