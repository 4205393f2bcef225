"""Structured logging with Powertools. Only names, ids, counts and error documents are ever passed to it."""

from __future__ import annotations

from aws_lambda_powertools import Logger

logger = Logger(service="aep-delivery", utc=True)
"""The one logger. Its level comes from ``POWERTOOLS_LOG_LEVEL``."""
