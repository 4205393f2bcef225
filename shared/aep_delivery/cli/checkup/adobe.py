"""Adobe: reached, let in, and looked at in a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.endpoints import is_loopback
from aep_delivery.adobe.errors import AdobeUserError
from aep_delivery.cli.checkup.aws import STACK, TABLE
from aep_delivery.cli.checkup.checks import Checkup, NothingToCheckError
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.verification.receipt.figures import plural
from aep_delivery.workflow.services import Services

IDENTITY, PLATFORM = "Adobe's identity service", "Adobe's platform API"
CREDENTIAL, TOKEN, CLOCK = "Adobe credential", "Adobe token", "clock"
MAX_DRIFT = 60.0
"""Seconds. AWS refuses signatures that are five minutes off; nothing good needs a minute."""
_MOST_SANDBOXES = 5


def sandbox_check(sandbox: str) -> str:
    """The name of the check of a sandbox."""
    return f"sandbox {sandbox}"


def check_adobe(checkup: Checkup, services: Services | None, sandboxes: list[str] | None) -> None:
    """Check what every delivery needs of Adobe.

    Args:
        checkup: Where the checks are made.
        services: Of the installation; None where there is none.
        sandboxes: Which to look at; None for those of all known deliveries.
    """
    at: list[Services] = [services] if services is not None else []
    for name, url in (
        (IDENTITY, lambda one: one.endpoints.ims_url),
        (PLATFORM, lambda one: one.endpoints.api_url),
    ):
        checkup.check(name, _reaching(at, url), str, needs=[STACK])
    checkup.check(CREDENTIAL, lambda: _credential(at[0]), _told, needs=[STACK])
    checkup.check(TOKEN, lambda: _token(at[0]), str, needs=[CREDENTIAL, IDENTITY])
    if sandboxes is None:
        sandboxes = checkup.check("sandboxes", lambda: _known(at[0]), ", ".join, needs=[TABLE]) or []
    for sandbox in sandboxes:
        _check_sandbox(checkup, at, sandbox)
    checkup.check(CLOCK, lambda: _clock(at[0], sandboxes), str, needs=[TOKEN])


def _check_sandbox(checkup: Checkup, at: list[Services], sandbox: str) -> None:
    missing: list[AdobeUserError] = []

    def reach() -> str:
        try:
            next(at[0].flow_service(sandbox).find_dataflows(), None)
        except AdobeUserError as error:
            if error.code != "adobe.permission-missing":
                raise
            missing.append(error)
        return "it answers this credential"

    def list_dataflows() -> str:
        if missing:
            raise missing[0]
        return "may be listed"

    name = sandbox_check(sandbox)
    checkup.check(name, reach, str, needs=[TOKEN, PLATFORM])
    checkup.check(f"dataflows of {sandbox}", list_dataflows, str, needs=[name])


def _reaching(at: list[Services], url: Callable[[Services], str]) -> Callable[[], str]:
    def reach() -> str:
        try:
            return _reach(at[0].http, url(at[0]))
        except ValidationError:
            raise UserError(
                "The stack's parameters AdobeApiUrl and AdobeImsUrl are no addresses of Adobe's.",
                code="cli.endpoint-invalid",
                hint="Deploy it again with https:// and a host, or without them.",
            ) from None

    return reach


def _reach(http: httpx.Client, url: str) -> str:
    host = urlsplit(url).hostname or url
    try:
        # Whatever it answers: that it does, over a connection that was verified, is what was asked.
        with http.stream("GET", url, follow_redirects=False) as answer:
            stream = answer.extensions.get("network_stream")
            secured = stream.get_extra_info("ssl_object") if stream is not None else None
    except httpx.RequestError as error:
        raise TransientError(
            f"{host} cannot be reached over TLS ({type(error).__name__}).",
            code="cli.endpoint-unreachable",
            place=url,
            details=[str(error)] if str(error) else [],
            hint="Does this network need HTTPS_PROXY, or a CA file in SSL_CERT_FILE?",
        ) from None
    if secured is not None:
        return f"{host} answers over {secured.version()}"
    return f"{host} answers in plain http, on this machine alone: an emulator" if is_loopback(host) else host


def _credential(services: Services) -> AdobeCredentials:
    secret = services.secrets.get(services.settings.adobe_secret)
    return AdobeCredentials.from_secret(secret.text.get_secret_value(), name=secret.name)


def _told(credential: AdobeCredentials) -> str:
    scopes = [scope for scope in credential.scopes.split(",") if scope.strip()]
    return f"organisation {credential.org_id}, {plural(len(scopes), 'scope')}"


def _token(services: Services) -> str:
    services.tokens.token()
    return "Adobe gives one for it"


def _known(services: Services) -> list[str]:
    found = sorted({delivery_id.partition("/")[0] for delivery_id in services.store.deliveries()})
    if not found:
        raise NothingToCheckError("no delivery is known yet: name one with --sandbox, or give a config")
    return found[:_MOST_SANDBOXES]


def _clock(services: Services, sandboxes: list[str]) -> str:
    if is_loopback(urlsplit(services.endpoints.api_url).hostname or ""):
        raise NothingToCheckError("the emulated Adobe has a time of its own")
    for sandbox in sandboxes:
        transport = services.adobe(sandbox)
        if transport.answered_at is None:
            with suppress(AdobeUserError):
                services.flow_service(sandbox).server_time()
        theirs, ours = transport.server_time(), transport.answered_at
        if theirs is not None and ours is not None:
            return _compared((ours - theirs).total_seconds())
    raise NothingToCheckError("Adobe has not told its time: name a sandbox with --sandbox, or give a config")


def _compared(seconds: float) -> str:
    side = "ahead of" if seconds > 0 else "behind"
    if abs(seconds) > MAX_DRIFT:
        raise UserError(
            f"Your clock is {abs(seconds):,.0f} s {side} Adobe's.",
            code="cli.clock-wrong",
            hint="Let it be set by NTP: AWS refuses what is signed five minutes off.",
        )
    return f"within {max(1, round(abs(seconds)))} s of Adobe's"
