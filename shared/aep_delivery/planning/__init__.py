"""Desired against live: the plan."""
