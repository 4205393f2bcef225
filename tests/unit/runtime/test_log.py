from __future__ import annotations

import io
import json
import logging

from aep_delivery.runtime.log import logger


def test_names_that_act_in_a_terminal_are_spelled_in_the_log() -> None:
    stream, handler = io.StringIO(), logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    try:
        logger.info("a\nb", extra={"key": "\x1b[2J\x9b2J\u202egpj.exe"})
    finally:
        handler.setStream(before)
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert (json.loads(line)["message"], json.loads(line)["key"]) == ("a\nb", "\x1b[2J\x9b2J\u202egpj.exe")
