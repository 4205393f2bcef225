"""``make demo``: a delivery from a dropped config to a receipt, on this machine alone."""
