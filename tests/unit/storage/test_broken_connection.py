from __future__ import annotations

import ssl

from aep_delivery.storage.broken_connection import reason, untrusted_certificate


def test_an_error_that_comes_from_itself_is_no_endless_search() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert untrusted_certificate(first) is None
    assert reason(first) in ("ValueError", "KeyError")


def test_other_failures_of_tls_are_no_question_of_trust() -> None:
    error = ConnectionError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))
    assert untrusted_certificate(error) is None
    assert reason(error) == "EOF occurred in violation of protocol"


def test_what_was_sent_is_not_repeated() -> None:
    assert "canary" not in reason(OSError(OSError("https://x/?sig=canary")))
