from __future__ import annotations

import asyncssh
import pytest

from aep_delivery.runtime.errors import DeliveryError, InternalError, TransientError, UserError
from aep_delivery.storage.reader import ObjectChangedError
from aep_delivery.storage.sftp_errors import connect_error, sftp_error

CANARY = "canary: the server's own words"


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (asyncssh.HostKeyNotVerifiable(CANARY), UserError, "destination.host-key-changed"),
        (
            asyncssh.KeyExchangeFailed("No matching server host key algorithm found"),
            UserError,
            "destination.host-key-changed",
        ),
        (asyncssh.KeyExchangeFailed(CANARY), UserError, "destination.encryption-refused"),
        (asyncssh.ProtocolNotSupported(CANARY), UserError, "destination.encryption-refused"),
        (asyncssh.PermissionDenied(CANARY), UserError, "storage.credentials-rejected"),
        (asyncssh.ChannelOpenError(1, CANARY), UserError, "destination.no-sftp"),
        (asyncssh.ConnectionLost(CANARY), TransientError, "storage.connection-failed"),
        (asyncssh.ServiceNotAvailable(CANARY), TransientError, "storage.connection-failed"),
        (ConnectionRefusedError(CANARY), TransientError, "storage.connection-failed"),
        (TimeoutError(), TransientError, "storage.connection-failed"),
        (OSError(113, "No route to host"), TransientError, "storage.connection-failed"),
        (asyncssh.SFTPBadMessage(CANARY), InternalError, "storage.call-refused"),
    ],
)
def test_each_way_a_connection_fails_is_of_the_class_that_must_act(
    error: asyncssh.Error | OSError, family: type[DeliveryError], code: str
) -> None:
    mapped = connect_error(error, place="sftp://h:22")
    assert type(mapped) is family
    assert (mapped.code, mapped.place) == (code, "sftp://h:22")
    assert "canary" not in str(mapped.document())


@pytest.mark.parametrize(
    ("error", "family", "code"),
    [
        (asyncssh.SFTPNoSuchFile(CANARY), ObjectChangedError, "storage.object-changed"),
        (asyncssh.SFTPNoSuchPath(CANARY), ObjectChangedError, "storage.object-changed"),
        (asyncssh.SFTPPermissionDenied(CANARY), UserError, "storage.access-denied"),
        (asyncssh.SFTPConnectionLost(CANARY), TransientError, "storage.connection-failed"),
        (asyncssh.ConnectionLost(CANARY), TransientError, "storage.connection-failed"),
        (TimeoutError(), TransientError, "storage.connection-failed"),
        (asyncssh.SFTPFailure(CANARY), TransientError, "storage.busy"),
        (asyncssh.SFTPOpUnsupported(CANARY), InternalError, "storage.call-refused"),
    ],
)
def test_each_answer_is_of_the_class_that_must_act(
    error: asyncssh.Error | OSError, family: type[DeliveryError], code: str
) -> None:
    mapped = sftp_error(error, place="sftp://h:22/k", about_object=True)
    assert type(mapped) is family
    assert (mapped.code, mapped.place) == (code, "sftp://h:22/k")
    assert "canary" not in str(mapped.document())


def test_a_missing_path_of_a_listing_is_no_changed_object() -> None:
    assert isinstance(sftp_error(asyncssh.SFTPNoSuchFile(""), place="p", about_object=False), InternalError)
