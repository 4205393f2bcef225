"""Making Adobe follow the plan: exactly one of each resource."""
