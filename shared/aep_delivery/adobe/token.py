"""Access tokens of Adobe's identity service (IMS), by OAuth server-to-server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from aep_delivery.adobe.answers import holds_json
from aep_delivery.adobe.classification import error_for
from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.endpoints import IMS_TOKEN, AdobeEndpoints
from aep_delivery.adobe.errors import (
    Action,
    AdobeInternalError,
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    EntityNotFoundError,
)
from aep_delivery.adobe.problem import parse_problem
from aep_delivery.adobe.redaction import quotable
from aep_delivery.adobe.retrying import Retries, retry_after_seconds
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.runtime.metrics import count

_PLACE = f"POST {IMS_TOKEN}"
_LONGEST_LIFE = 86_400.0
"""Adobe's tokens live a day. A larger number is in milliseconds, as the retired JWT exchange gave them."""
_LONGEST_TOKEN = 16_384
"""Characters; servers take no longer headers."""
_MARGIN = 600.0


def _fits_a_header(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if not text or not text.isascii() or not text.isprintable() or " " in text or len(text) > _LONGEST_TOKEN:
        raise ValueError("no token")
    return token


class _TokenAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: Annotated[SecretStr, AfterValidator(_fits_a_header)]
    expires_in: float = Field(gt=0)
    """Seconds."""


class TokenSource:
    """A valid access token whenever one is asked for; kept in memory alone and renewed before it ends.

    Args:
        http: The client to ask with.
        endpoints: Where the identity service is.
        load_credentials: Reads the credential; called at the first use, and again when Adobe no longer knows it, for
            secrets are rotated while functions stay warm.
        clock: Decides when a token is old.
    """

    def __init__(
        self,
        http: httpx.Client,
        endpoints: AdobeEndpoints,
        load_credentials: Callable[[], AdobeCredentials],
        clock: Clock,
    ) -> None:
        self._http = http
        self._url = endpoints.ims_url + IMS_TOKEN
        self._load_credentials = load_credentials
        self._clock = clock
        self._retries = Retries(clock)
        self._credentials: AdobeCredentials | None = None
        self._token: SecretStr | None = None
        self._renew_at: datetime | None = None

    @property
    def credentials(self) -> AdobeCredentials:
        """The credential in use; its client id and organisation travel with every call."""
        if self._credentials is None:
            self._credentials = self._load_credentials()
        return self._credentials

    def token(self) -> SecretStr:
        """An access token that is good for some minutes at least.

        Raises:
            AdobeUserError: ``adobe.invalid-credentials`` and the like: the identity service refuses the credential.
            AdobeTransientError: It can't be reached, or something else answers in its place.
        """
        if self._token is None or self._renew_at is None or self._clock.now() >= self._renew_at:
            return self.refresh()
        return self._token

    def refresh(self) -> SecretStr:
        """A new access token, whatever the old one was worth. Raises as :meth:`token` does."""
        self._token = None
        try:
            answer = self._fetch_with_current_credentials()
        except DeliveryError:
            count(TokenFailures=1)
            raise
        lifetime = min(answer.expires_in, _LONGEST_LIFE)
        self._renew_at = self._clock.now() + timedelta(seconds=lifetime - min(_MARGIN, lifetime / 10))
        self._token = answer.access_token
        return self._token

    def _fetch_with_current_credentials(self) -> _TokenAnswer:
        try:
            return self._fetch(self.credentials)
        except AdobeUserError as error:
            if error.problem.code != "invalid_client":
                raise
        self._credentials = None
        return self._fetch(self.credentials)

    def _fetch(self, credentials: AdobeCredentials) -> _TokenAnswer:
        return self._retries.call(lambda: self._ask(credentials))

    def _ask(self, credentials: AdobeCredentials) -> _TokenAnswer:
        secret = credentials.client_secret.get_secret_value()
        try:
            # Everything in the body: addresses end up in the logs of proxies.
            response = self._http.post(
                self._url,
                data={
                    "grant_type": "client_credentials",
                    "client_id": credentials.client_id,
                    "client_secret": secret,
                    "scope": credentials.scopes,
                },
                headers={"Accept": "application/json"},
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            raise _unreachable(error, secret) from None
        if response.status_code != httpx.codes.OK:
            wait = retry_after_seconds(response.headers, now=self._clock.now())
            refusal = error_for(parse_problem(response, secrets=[secret]), place=_PLACE, retry_after_seconds=wait)
            raise _nobody_there(refusal) if isinstance(refusal, EntityNotFoundError) else refusal
        return _read(response)


def _unreachable(error: httpx.RequestError, secret: str) -> AdobeTransientError:
    said = quotable(f"{type(error).__name__}: {error}", [secret])
    return AdobeTransientError(
        f"Adobe's identity service can't be reached: {said}",
        code="adobe.unreachable",
        problem=AdobeProblem(shape="H", http_status=None, code=None, message=said),
        action=Action.REPEAT,
        place=_PLACE,
    )


def _nobody_there(error: EntityNotFoundError) -> AdobeInternalError:
    # A token is asked for in the middle of anything: whoever looks for an entity must not take this for "it is gone".
    return AdobeInternalError(
        f"The identity service is not where it should be: {error.message}",
        code="adobe.unexpected-answer",
        problem=error.problem,
        hint="Check the addresses of Adobe's hosts.",
        place=_PLACE,
    )


def _read(response: httpx.Response) -> _TokenAnswer:
    if not holds_json(response):
        problem = AdobeProblem(shape="H", http_status=response.status_code, code=None, message="no JSON")
        raise AdobeTransientError(
            "No answer from Adobe's identity service: a body that is no JSON",
            code="adobe.no-answer",
            problem=problem,
            action=Action.REPEAT,
            place=_PLACE,
        )
    try:
        return _TokenAnswer.model_validate_json(response.content)
    except ValidationError:
        problem = AdobeProblem(
            shape="H", http_status=response.status_code, code=None, message="an answer without a usable token"
        )
    raise AdobeInternalError(
        "Adobe's identity service answered without a usable token.",
        code="adobe.answer-unreadable",
        problem=problem,
        place=_PLACE,
    )
