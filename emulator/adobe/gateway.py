"""What stands before every service call: token, API key, organisation, sandbox and content type, in that order."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from emulator.adobe import problems
from emulator.adobe.http import Call
from emulator.adobe.ims import Ims
from emulator.adobe.settings import Settings

BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


def admit(call: Call, settings: Settings, ims: Ims, sandboxes: Collection[str]) -> str:
    """Check the headers that Adobe requires and return the sandbox's name.

    Adobe's pages call ``x-sandbox-name`` optional with ``prod`` as the default, the error table has FLOW-2105-400 for
    its absence. The strict reading is taken: a client that forgets it should hear of it.

    Raises:
        Problem: in the gateway's shape, or in the service's for what concerns the sandbox.
    """
    authorization = call.header("authorization")
    if not authorization:
        raise problems.gateway(403, 403010, "Oauth token is missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not ims.holds(token.strip()):
        raise problems.gateway(401, 401013, "Oauth token is not valid")
    api_key = call.header("x-api-key")
    if not api_key:
        raise problems.gateway(403, 403000, "Api Key is required")
    if api_key != settings.client_id:
        raise problems.gateway(403, 403003, "Api Key is invalid")
    org = call.header("x-gw-ims-org-id")
    if not org:
        raise problems.gateway(400, 400003, "Missing header x-gw-ims-org-id")
    if not org.endswith("@AdobeOrg"):
        raise problems.gateway(403, 403027, "User region is missing")
    if org != settings.org:
        raise problems.gateway(403, 403025, "Profile is not valid")
    return _sandbox(call, sandboxes)


def _sandbox(call: Call, sandboxes: Collection[str]) -> str:
    if call.header("x-sandbox-id"):
        raise problems.flow("2110-400", "Header not allowed", "x-sandbox-id is not allowed with this kind of token")
    name = call.header("x-sandbox-name")
    if not name:
        raise problems.flow("2105-400", "Missing header", "The header x-sandbox-name is missing")
    if name not in sandboxes:
        raise problems.flow("2100-404", "Sandbox not found", f"The sandbox [{name}] was not found for the organization")
    return name


def json_body(call: Call) -> Any:
    """The body as JSON. Raises :class:`Problem` for a wrong content type, an empty body and text that is no JSON."""
    media_type = (call.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise problems.framework("A valid content-type must be specified")
    if not call.body.strip():
        raise problems.flow("1405-400", "Empty body", "The request body must not be empty")
    try:
        return json.loads(call.body)
    except ValueError as error:
        raise problems.framework(f"The body is not valid JSON: {error}") from error


def json_object(call: Call) -> dict[str, Any]:
    """The body as a JSON object; raises :class:`Problem` for anything else."""
    body = json_body(call)
    if not isinstance(body, dict):
        raise problems.framework("The body must be a JSON object")
    return body
