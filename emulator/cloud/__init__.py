"""The embedded cloud: the real template and the real handlers, without Docker or an AWS account."""

from emulator.cloud.engine import Cloud, start

__all__ = ["Cloud", "start"]
