from __future__ import annotations

import base64
import traceback

import asyncssh
import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.sftp_keys import pinned_host_key, private_key

ED25519 = asyncssh.generate_private_key("ssh-ed25519")
RSA = asyncssh.generate_private_key("ssh-rsa")
LINE = ED25519.export_public_key().decode().strip()


@pytest.mark.parametrize("form", ["{}", "{}\n", "{} comment", "sftp.example.com {}", "[h]:2222 {}"])
def test_a_line_of_a_public_key_is_the_pinned_key(form: str) -> None:
    assert pinned_host_key(form.format(LINE), host="h", port=2222) == ED25519.convert_to_public()


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_no_key_is_a_mistake_with_the_way_out(text: str | None) -> None:
    with pytest.raises(UserError) as caught:
        pinned_host_key(text, host="sftp.example.com", port=2222)
    assert caught.value.code == "secret.host-key-missing"
    assert "ssh-keyscan -p 2222 sftp.example.com" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["ssh-ed25519 AAAA", "SHA256:abc", f"{LINE}\n{LINE}", "ssh-ed25519", "no key at all"])
def test_anything_but_one_key_is_a_mistake(text: str) -> None:
    with pytest.raises(UserError) as caught:
        pinned_host_key(text, host="h", port=22)
    assert caught.value.code == "secret.host-key-invalid"


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (ED25519, "openssh"),
        (ED25519, "pkcs8-pem"),
        (ED25519, "pkcs8-der"),
        (RSA, "openssh"),
        (RSA, "pkcs1-pem"),
        (RSA, "pkcs8-pem"),
        (RSA, "pkcs8-der"),
    ],
)
def test_every_usual_form_of_a_private_key_is_read(key: asyncssh.SSHKey, form: str) -> None:
    data = key.export_private_key(form)
    assert private_key(SecretStr(base64.encodebytes(data).decode()), place="p") == key
    assert private_key(SecretStr(base64.b64encode(data).decode()), place="p") == key
    if not form.endswith("der"):
        assert private_key(SecretStr(data.decode()), place="p") == key


def locked_openssh_key() -> bytes:
    """What ssh-keygen writes with a passphrase, as far as it can be read without: making one takes bcrypt."""
    fields = (b"aes256-ctr", b"bcrypt", bytes(24))
    data = b"openssh-key-v1\0" + b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    data += (1).to_bytes(4, "big") + (len(ED25519.public_data)).to_bytes(4, "big") + ED25519.public_data
    data += (64).to_bytes(4, "big") + bytes(64)
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + base64.encodebytes(data) + b"-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "data",
    [
        locked_openssh_key(),
        RSA.export_private_key("pkcs1-pem", passphrase="canary"),
        ED25519.export_private_key("pkcs8-pem", passphrase="canary"),
    ],
    ids=["openssh", "pkcs1-pem", "pkcs8-pem"],
)
def test_a_key_with_a_passphrase_is_a_mistake(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        private_key(SecretStr(base64.b64encode(data).decode()), place="p")
    assert caught.value.code == "secret.ssh-key-encrypted"
    assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text", ["", "canary", "Y2FuYXJ5", "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary", "public", "кан"]
)
def test_anything_else_is_a_mistake_that_does_not_quote_it(text: str) -> None:
    with pytest.raises(UserError) as caught:
        private_key(SecretStr(LINE if text == "public" else text), place="sftp://h:22")
    assert (caught.value.code, caught.value.place) == ("secret.ssh-key-invalid", "sftp://h:22")
    assert "canary" not in str(caught.value.document())
    assert caught.value.__cause__ is None
