"""Somebody who sends requests to the emulated Adobe, one after the other."""

from __future__ import annotations

from typing import Any

import httpx

from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG, DEFAULT_SCOPES

FLOW_SERVICE = "/data/foundation/flowservice"


class Reader:
    """Sends requests in the tutorial's order and keeps the ids, as a reader of it would."""

    def __init__(self, http: httpx.Client) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": DEFAULT_CLIENT_ID,
            "client_secret": DEFAULT_CLIENT_SECRET,
            "scope": ",".join(DEFAULT_SCOPES),
        }
        token = http.post("/ims/token/v3", data=form).json()["access_token"]
        self._http = http
        self._headers = {
            "Authorization": f"Bearer {token}",
            "x-api-key": DEFAULT_CLIENT_ID,
            "x-gw-ims-org-id": DEFAULT_ORG,
            "x-sandbox-name": "prod",
        }

    def get(self, path: str, **params: str) -> Any:
        answer = self._http.get(FLOW_SERVICE + path, params=params, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def post(self, path: str, body: object) -> str:
        answer = self._http.post(FLOW_SERVICE + path, json=body, headers=self._headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, flow: str, operations: object) -> None:
        (live,) = self.get(f"/flows/{flow}")
        headers = {**self._headers, "If-Match": live["etag"]}
        answer = self._http.patch(f"{FLOW_SERVICE}/flows/{flow}", json=operations, headers=headers)
        assert answer.is_success, answer.text
        # Adobe works a change in after it has said yes.
        assert self._http.post("/_emulator/clock", json={"advance": 60}).is_success
