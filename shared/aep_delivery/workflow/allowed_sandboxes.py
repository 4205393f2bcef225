"""Which sandbox a config may name, and which secret: its place in the bucket decides, not its author."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError

ANY = "*"
"""In place of a sandbox: every sandbox, and every secret."""


class _Refusal(NamedTuple):
    place: str
    message: str
    hint: str


def check_allowed(config: DeliveryConfig, key: str, allowed: str) -> None:
    """See that a config may be where it is.

    The longest prefix of the key decides. Below ``deliveries/prod/`` a destination's secret must be ``secret://prod/…``.

    Args:
        config: The config.
        key: Of its object.
        allowed: The setting: ``deliveries/prod/=prod,cli/=*``; empty for no rule.

    Raises:
        UserError: ``sandbox.not-allowed-here``. Its place is the path of a field.
    """
    if not allowed:
        return
    sandboxes: dict[str, set[str]] = defaultdict(set)
    for prefix, _, sandbox in (pair.rpartition("=") for pair in allowed.split(",")):
        sandboxes[prefix].add(sandbox)
    longest = max((prefix for prefix in sandboxes if key.startswith(prefix)), key=len, default=None)
    refusal = _refusal(config, key) if longest is None else _refusal_below(longest, sandboxes[longest], config)
    if refusal is not None:
        raise UserError(refusal.message, code="sandbox.not-allowed-here", place=refusal.place, hint=refusal.hint)


def _refusal(config: DeliveryConfig, key: str) -> _Refusal:
    message = f"A config at {key} may name no sandbox, so not {config.sandbox} either."
    return _Refusal("sandbox", message, "Drop it below one of the prefixes of the stack's parameter AllowedSandboxes.")


def _refusal_below(prefix: str, sandboxes: set[str], config: DeliveryConfig) -> _Refusal | None:
    if ANY in sandboxes:
        return None
    if config.sandbox not in sandboxes:
        message = f"A config below {prefix} may not name the sandbox {config.sandbox}."
        hint = f"There it may name {', '.join(sorted(sandboxes))}; the stack's parameter AllowedSandboxes says so."
        return _Refusal("sandbox", message, hint)
    auth = config.destination.auth
    secret = auth.secret_name if auth is not None else None
    folder = prefix.rstrip("/").rpartition("/")[2]
    if secret is not None and not secret.startswith(f"{folder}/"):
        message = f"A config below {prefix} may not use the secret {secret}."
        return _Refusal("destination.auth.secret", message, f"Name one that begins with secret://{folder}/.")
    return None
