"""The credentials of the Data Landing Zone: Adobe's own storage, into which users are let for a while."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from emulator.adobe import problems
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.settings import AzureLandingZone, S3LandingZone

if TYPE_CHECKING:
    from emulator.adobe.world import World

PATH = "/data/foundation/connectors/landingzone/credentials"


class LandingZones:
    """Answers the credentials endpoint. All sandboxes share one zone, where Adobe has one for each."""

    def __init__(self, world: World) -> None:
        self._settings = world.settings
        self._lock = threading.Lock()
        self._current: Json | None = None

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:
        """``GET`` shows the credentials, ``POST`` with ``action=refresh`` makes new ones and ends the old.

        Raises:
            Problem: something else is asked for, there is no zone, or its storage does not answer.
        """
        if call.param("type") != "dlz_destination":
            raise problems.plain("type must be dlz_destination")
        if call.method not in {"GET", "POST"}:
            raise problems.empty(405)
        if call.method == "POST" and call.param("action") != "refresh":
            raise problems.plain("action must be refresh")
        with self._lock:
            if call.method == "POST" or self._current is None:
                self._current = self._issue(sandbox)
            return Reply(200, self._current)

    def _issue(self, sandbox: Sandbox) -> Json:
        match self._settings.landing_zone:
            case AzureLandingZone() as zone:
                from emulator.adobe import landing_zone_azure  # noqa: PLC0415 - Azure's client takes a while to load

                return landing_zone_azure.issue(zone, self._settings)
            case S3LandingZone() as zone:
                from emulator.adobe import landing_zone_s3  # noqa: PLC0415 - as above

                return landing_zone_s3.issue(zone, self._settings)
            case _:
                raise problems.plain(f"No landing zone is provisioned for the sandbox {sandbox.name}", 404)
