"""Adobe's identity service: OAuth server-to-server tokens that expire by the emulated clock.

Adobe: "OAuth Server-to-Server credential", token endpoint ``/ims/token/v3``.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from datetime import datetime, timedelta

from emulator.adobe import problems
from emulator.adobe.clock import EmulatedClock, epoch_millis
from emulator.adobe.http import Call, Reply
from emulator.adobe.settings import Settings

PATH = re.compile(r"^/ims/token/v[23]$")


class Ims:
    """Issues tokens and knows which of them still hold."""

    def __init__(self, settings: Settings, clock: EmulatedClock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._expiry: dict[str, datetime] = {}

    def issue(self, call: Call) -> Reply:
        """Answer the token endpoint. Raises :class:`Problem` in IMS's own shape."""
        if call.method != "POST":
            raise problems.empty(405)
        media_type = (call.header("content-type") or "").partition(";")[0].strip().lower()
        if media_type != "application/x-www-form-urlencoded":
            raise problems.ims("invalid_request", "the body must be application/x-www-form-urlencoded")
        if call.query:
            # A query string ends up in access logs, so credentials are taken from the body alone.
            raise problems.ims("invalid_request", "parameters are accepted in the body only")
        form = call.form()
        if form.get("grant_type") != "client_credentials":
            raise problems.ims("unsupported_grant_type", "grant_type must be client_credentials")
        if form.get("client_id") != self._settings.client_id:
            raise problems.ims("invalid_client", "invalid client_id parameter")
        if not any(
            secrets.compare_digest(form.get("client_secret", "").encode(), known.encode())
            for known in self._settings.client_secrets
        ):
            raise problems.ims("invalid_client", "invalid client_secret parameter", 401)
        scopes = [scope for scope in re.split(r"[,\s]+", form.get("scope", "")) if scope]
        if not scopes or not set(scopes) <= set(self._settings.scopes):
            raise problems.ims("invalid_scope", "the scopes are missing or not all allowed for this client")
        return Reply(200, self._token(scopes), {"Cache-Control": "no-store"})

    def holds(self, token: str) -> bool:
        """Whether `token` was issued here and has not expired."""
        with self._lock:
            expiry = self._expiry.get(token)
        return expiry is not None and self._clock.now() < expiry

    def revoke_all(self) -> int:
        """Make every token invalid at once; returns how many there were."""
        with self._lock:
            count = len(self._expiry)
            self._expiry.clear()
        return count

    def _token(self, scopes: list[str]) -> dict[str, str | int]:
        now = self._clock.now()
        claims = {
            "type": "access_token",
            "client_id": self._settings.client_id,
            "created_at": str(epoch_millis(now)),
            "expires_in": str(self._settings.token_lifetime * 1000),
            "scope": ",".join(scopes),
            "as": "ims-na1",
        }
        parts = [_part({"alg": "RS256", "typ": "JWT", "kid": "emulated"}), _part(claims), secrets.token_urlsafe(64)]
        token = ".".join(parts)
        with self._lock:
            self._expiry[token] = now + timedelta(seconds=self._settings.token_lifetime)
        return {"access_token": token, "token_type": "bearer", "expires_in": self._settings.token_lifetime}


def _part(document: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
