from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pysequoia import Cert, CipherSuite, Tsk, decrypt
from pysequoia.packet import PacketPile

from emulator.adobe import encryption
from emulator.adobe.encryption import Encryption, EncryptionError
from emulator.adobe.sinks import SinkError


@pytest.fixture(scope="module")
def private() -> Tsk:
    return Tsk.generate("reader")


def encoded(key: bytes | str) -> str:
    return base64.b64encode(key if isinstance(key, bytes) else key.encode()).decode()


def seal(public_key: str, plain: bytes, folder: Path) -> bytes:
    (folder / "plain").write_bytes(plain)
    Encryption(public_key).encrypt(folder / "plain", folder / "sealed")
    return (folder / "sealed").read_bytes()


@pytest.mark.parametrize("armored", [False, True])
def test_only_the_holder_of_the_private_key_can_read(private: Tsk, tmp_path: Path, armored: bool) -> None:
    certificate = private.extract_certificate()
    plain = b"row-canary\n" * 1000
    sealed = seal(encoded(str(certificate) if armored else bytes(certificate)), plain, tmp_path)
    assert b"row-canary" not in sealed
    assert not sealed.startswith(b"-----BEGIN")
    assert decrypt(sealed, private.decryptor()).bytes == plain
    with pytest.raises(RuntimeError):
        decrypt(sealed, Tsk.generate("somebody else").decryptor())


def test_rsa_keys_as_adobe_asks_for_work(tmp_path: Path) -> None:
    private = Tsk.generate("reader", cipher_suite=CipherSuite.RSA2k)
    sealed = seal(encoded(bytes(private.extract_certificate())), b"plain", tmp_path)
    assert decrypt(sealed, private.decryptor()).bytes == b"plain"


@pytest.mark.parametrize("public_key", ["%%%", encoded(b"garbage"), ""])
def test_what_is_no_key_is_refused(public_key: str) -> None:
    with pytest.raises(EncryptionError, match="is not an OpenPGP key") as caught:
        Encryption(public_key)
    assert isinstance(caught.value, SinkError)


def test_a_key_that_only_signs_encrypts_nothing(private: Tsk, tmp_path: Path) -> None:
    # The primary key and the user id alone, without the subkeys.
    packets = list(PacketPile.from_bytes(bytes(private.extract_certificate())))[:4]
    with pytest.raises(EncryptionError, match="no valid key to encrypt with"):
        seal(encoded(bytes(Cert.from_packets(packets))), b"plain", tmp_path)
    assert not (tmp_path / "sealed").exists()


def test_a_base_connection_without_encryption_has_none(private: Tsk) -> None:
    assert encryption.of({"name": "b"}) is None
    params = {"encryptionAlgo": "PGP/GPG", "publicKey": encoded(bytes(private.extract_certificate()))}
    assert isinstance(encryption.of({"encryption": {"specName": "File Encryption", "params": params}}), Encryption)
