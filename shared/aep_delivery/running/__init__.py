"""Runs of a dataflow: which one belongs to this delivery, how it stands, what it reports."""
