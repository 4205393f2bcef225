"""In the place of Microsoft Entra ID: tokens for the service principals it was told of.

Only the client credentials grant is answered (Microsoft: OAuth 2.0 client credentials flow on the Microsoft identity
platform), with the error codes that Entra gives for it (Microsoft: Microsoft Entra authentication and authorization
error codes).
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulator.storage.azure_certificates import Certificates

AUDIENCE = "https://storage.azure.com"
_LIFETIME = 3599
_ISSUER = "https://sts.windows.net"
"""Of access tokens, whichever endpoint of Entra they come from."""


class Entra:
    """The service principals of one directory, and the tokens they get.

    Attributes:
        tenant: The id of the directory.
    """

    def __init__(self) -> None:
        self.tenant = str(uuid.uuid4())
        self._keys: dict[str, str] = {}
        self._signing_key = secrets.token_bytes(32)

    def add_service_principal(self) -> tuple[str, str, str]:
        """Register an application with a client secret; returns the tenant, the application's id and the secret."""
        application = str(uuid.uuid4())
        # Entra's secrets have this mark in them and 40 characters.
        key = f"{secrets.token_urlsafe(2)}8Q~{secrets.token_urlsafe(26)[:34]}"
        self._keys[application] = key
        return self.tenant, application, key

    def app(self) -> Starlette:
        """Discovery and the token endpoint."""
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
            ]
        )

    async def _configuration(self, request: Request) -> JSONResponse:
        tenant = request.path_params["tenant"]
        if tenant != self.tenant:
            return _no_tenant(tenant)
        base = f"{request.url.scheme}://{request.url.netloc}/{tenant}"
        return _answer(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
            }
        )

    async def _token(self, request: Request) -> JSONResponse:
        tenant = request.path_params["tenant"]
        form = dict(parse_qsl((await request.body()).decode()))
        application = form.get("client_id", "")
        if refusal := self._refusal(tenant, application, form):
            return refusal
        now = int(time.time())
        claims = {
            "aud": AUDIENCE,
            "iss": f"{_ISSUER}/{self.tenant}/",
            "iat": now,
            "nbf": now - 300,
            "exp": now + _LIFETIME,
            "appid": application,
            "oid": application,
            "tid": self.tenant,
            "ver": "1.0",
        }
        token = jwt.encode(claims, self._signing_key, algorithm="HS256")
        return _answer(
            {"token_type": "Bearer", "expires_in": _LIFETIME, "ext_expires_in": _LIFETIME, "access_token": token}
        )

    def _refusal(self, tenant: str, application: str, form: Mapping[str, str]) -> JSONResponse | None:
        if tenant != self.tenant:
            return _no_tenant(tenant)
        if form.get("grant_type") != "client_credentials":
            grant = f"The app requested an unsupported grant type '{form.get('grant_type', '')}'."
            return _error(400, "unsupported_grant_type", 70003, grant)
        if form.get("scope") != f"{AUDIENCE}/.default":
            scope = f"The provided request must include a 'scope' input parameter for {AUDIENCE}."
            return _error(400, "invalid_scope", 70011, scope)
        if application not in self._keys:
            unknown = f"Application with identifier '{application}' was not found in the directory '{tenant}'."
            return _error(400, "unauthorized_client", 700016, unknown)
        if not hmac.compare_digest(self._keys[application].encode(), form.get("client_secret", "").encode()):
            wrong = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{application}'."
            )
            return _error(401, "invalid_client", 7000215, wrong)
        return None


@contextlib.contextmanager
def token_endpoint(entra: Entra, certificates: Certificates) -> Iterator[str]:
    """Answer for `entra` on a free port as long as the context lasts; yields ``https://127.0.0.1:<port>``."""
    config = uvicorn.Config(
        entra.app(),
        http="h11",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        ssl_certfile=str(certificates.cert_file),
        ssl_keyfile=str(certificates.key_file),
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="entra-emulator", daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _no_tenant(tenant: str) -> JSONResponse:
    message = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
    return _error(400, "invalid_tenant", 90002, message)


def _error(status: int, error: str, code: int, message: str) -> JSONResponse:
    timestamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    description = f"AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
    return _answer(
        {
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        },
        status,
    )


def _answer(document: Mapping[str, object], status: int = 200) -> JSONResponse:
    # A client that keeps its connection would make the server wait for the end of TLS when it is stopped.
    return JSONResponse(document, status, headers={"connection": "close", "cache-control": "no-store"})
