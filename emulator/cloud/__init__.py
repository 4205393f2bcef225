"""The embedded cloud: AWS without Docker or an account. It deploys the real ``template.yaml`` and runs the real handlers."""

from emulator.cloud.engine import Cloud, start

__all__ = ["Cloud", "start"]
