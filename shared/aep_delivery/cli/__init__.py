"""``aep-delivery``: the command line, for people and for CI."""
