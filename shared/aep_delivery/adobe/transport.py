"""One call to Adobe: the headers it demands, a valid token, repeating where that is safe, errors with a type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

import httpx
from pydantic import JsonValue

from aep_delivery.adobe.answers import holds_json
from aep_delivery.adobe.classification import error_for
from aep_delivery.adobe.endpoints import FLOW_SERVICE, AdobeEndpoints
from aep_delivery.adobe.errors import (
    Action,
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    OutcomeUnknownError,
)
from aep_delivery.adobe.etag import normalise_etag
from aep_delivery.adobe.manners import Manners
from aep_delivery.adobe.problem import parse_problem
from aep_delivery.adobe.receiving import ENCODING, take_no_more
from aep_delivery.adobe.redaction import quotable, secrets_in
from aep_delivery.adobe.retrying import Retries, answer_date, retry_after_seconds
from aep_delivery.adobe.token import TokenSource
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import count

QueryParams = Sequence[tuple[str, str]]

_SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "DELETE"})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_SANDBOX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def adobe_http_client() -> httpx.Client:
    """The HTTP client for Adobe: time limits in seconds, bodies of bounded size, no redirects, TLS always
    verified.

    The environment's ``HTTPS_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE`` are honoured, as companies need them; a
    loopback address (the emulator) is never asked for through a proxy.
    """
    return httpx.Client(
        timeout=httpx.Timeout(30.0, connect=5.0),
        headers={"Accept-Encoding": ENCODING},
        event_hooks={"response": [take_no_more]},
        follow_redirects=False,
        mounts={"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None},
    )


class AdobeTransport:
    """Adobe's platform API for one sandbox.

    Args:
        http: See :func:`adobe_http_client`.
        tokens: Where access tokens and the credential's public part come from.
        endpoints: Where Adobe is.
        sandbox: The sandbox every call is for. Adobe takes a call without one to mean ``prod``, so there is no default.
        clock: What is waited on between tries.
        manners: What is agreed with all others who ask Adobe; None to ask as if alone.

    Raises:
        UserError: ``adobe.sandbox-missing``: no or no possible name of a sandbox.
    """

    def __init__(
        self,
        http: httpx.Client,
        tokens: TokenSource,
        endpoints: AdobeEndpoints,
        sandbox: str,
        clock: Clock,
        *,
        manners: Manners | None = None,
    ) -> None:
        if not _SANDBOX.fullmatch(sandbox):
            raise UserError(
                "Every call to Adobe needs the name of a sandbox."
                if not sandbox.strip()
                else "This is no sandbox name.",
                code="adobe.sandbox-missing",
                hint="Adobe would take a call without a sandbox to mean prod; name the sandbox.",
            )
        self._http = http
        self._tokens = tokens
        self._api_url = endpoints.api_url
        self._clock = clock
        self._manners = manners
        self._retries = Retries(clock)
        self._server_time: datetime | None = None
        self._answered_at: datetime | None = None
        self.sandbox = sandbox

    @property
    def clock(self) -> Clock:
        """The clock this transport waits on."""
        return self._clock

    def server_time(self) -> datetime | None:
        """Adobe's clock at its last answer, from the HTTP ``Date`` header: schedules are kept by it and not by ours.

        Returns:
            The time, in whole seconds; None before the first answer.
        """
        return self._server_time

    @property
    def answered_at(self) -> datetime | None:
        """When the answer behind :meth:`server_time` came, by our clock."""
        return self._answered_at

    def request(
        self,
        method: str,
        path: str,
        *,
        params: QueryParams = (),
        json: JsonValue = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """Make one call, repeating it where that does no harm.

        Args:
            method: The HTTP method.
            path: From the root of the API host, with its leading slash; never a whole address.
            params: Query parameters in order, names may repeat.
            json: The body. It may hold credentials; nothing of it is logged or quoted.
            headers: Further headers; those that say who is calling and for which sandbox can't be replaced.
            etag: Sent as ``If-Match``.
            repeatable: Whether the call does no harm twice; by default GET, HEAD and DELETE do none. Others are
                repeated only where Adobe has certainly not taken them in: throttled, or never connected.

        Returns:
            The answer, 2xx.

        Raises:
            AdobeUserError: A person has to act.
            AdobeTransientError: Repeating was of no use, or Adobe asks for a longer wait; ``adobe.circuit-open`` and
                ``adobe.budget-exhausted``: it was not asked.
            OutcomeUnknownError: The answer to a write was lost.
            AdobeInternalError: The call or the answer is malformed.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a call to Adobe is made by path, the host is fixed")
        safe = method in _SAFE_TO_REPEAT if repeatable is None else repeatable
        request_headers = httpx.Headers(dict(headers or {}))
        if etag is not None:
            request_headers["If-Match"] = normalise_etag(etag)
        call = _Call(method=method, path=path, params=params, json=json, headers=request_headers, safe=safe)
        try:
            return self._retries.call(lambda: self._once(call))
        except AdobeUserError as error:
            if error.action is not Action.REFRESH_TOKEN:
                raise
        # The gateway turned the call away before any service saw it, so even a POST can be made again.
        self._tokens.refresh()
        return self._retries.call(lambda: self._once(call))

    def _once(self, call: _Call) -> httpx.Response:
        with self._manners.call(call.place) if self._manners else nullcontext():
            return self._send(call)

    def _send(self, call: _Call) -> httpx.Response:
        token = self._tokens.token().get_secret_value()
        headers = httpx.Headers({"Accept": "application/json"})
        headers.update(call.headers)
        headers.update(
            {
                "Authorization": f"Bearer {token}",
                "x-api-key": self._tokens.credentials.client_id,
                "x-gw-ims-org-id": self._tokens.credentials.org_id,
                "x-sandbox-name": self.sandbox,
            }
        )
        try:
            response = self._http.request(
                call.method, self._api_url + call.target, json=call.json, headers=headers, follow_redirects=False
            )
        except httpx.RequestError as error:
            count(AdobeCalls=1, AdobeErrors=1)
            raise self._lost(call, error, token) from None
        self._server_time, self._answered_at = answer_date(response.headers), self._clock.now()
        count(AdobeCalls=1, AdobeErrors=response.is_server_error)
        logger.debug("%s answered with %d", call.place, response.status_code)
        if response.is_success:
            if call.asks and not holds_json(response):
                raise _no_answer(call.place, "a body that is no JSON", status=response.status_code)
            return response
        return self._fail(call, response, token)

    def _fail(self, call: _Call, response: httpx.Response, token: str) -> httpx.Response:
        problem = parse_problem(response, secrets=[token, *secrets_in(call.json)])
        wait = retry_after_seconds(response.headers, now=self._clock.now())
        error = error_for(problem, place=call.place, retry_after_seconds=wait)
        if error.action is Action.REPEAT_IF_SAFE and not call.safe:
            raise _outcome_unknown(call, problem, wait)
        raise error

    def _lost(self, call: _Call, error: httpx.RequestError, token: str) -> AdobeTransientError | OutcomeUnknownError:
        said = quotable(f"{type(error).__name__}: {error}", [token, *secrets_in(call.json)])
        problem = AdobeProblem(shape="H", http_status=None, code=None, message=said)
        never_sent = isinstance(error, _NEVER_SENT)
        if not never_sent and not call.safe:
            return _outcome_unknown(call, problem, None)
        if not never_sent:
            return _no_answer(call.place, said)
        return AdobeTransientError(
            f"No answer from Adobe: {said}",
            code="adobe.unreachable",
            problem=problem,
            action=Action.REPEAT,
            place=call.place,
        )


@dataclass(frozen=True)
class _Call:
    """A request before it has a token."""

    method: str
    path: str
    params: QueryParams
    json: JsonValue = field(repr=False)
    headers: httpx.Headers
    safe: bool
    """Doing it twice does no harm."""

    @property
    def asks(self) -> bool:
        """Its answer is what it is made for, and it can be made again; what a deletion answers is not read."""
        return self.safe and self.method != "DELETE"

    @property
    def target(self) -> str:
        # Filters read `property=name==x`: Adobe's documentation keeps the equals signs of a value as they are.
        query = urlencode(self.params, quote_via=quote, safe="=")
        return f"{self.path}?{query}" if query else self.path

    @property
    def place(self) -> str:
        return f"{self.method} {self.path.removeprefix(FLOW_SERVICE)}"


def _no_answer(place: str, said: str, *, status: int | None = None) -> AdobeTransientError:
    return AdobeTransientError(
        f"No answer from Adobe: {said}",
        code="adobe.no-answer",
        problem=AdobeProblem(shape="H", http_status=status, code=None, message=said),
        action=Action.REPEAT_IF_SAFE,
        place=place,
    )


def _outcome_unknown(call: _Call, problem: AdobeProblem, wait: float | None) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"The answer to {call.place} was lost ({problem}); it may or may not have happened.",
        problem=problem,
        place=call.place,
        retry_after_seconds=wait,
    )
