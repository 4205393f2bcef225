"""What is remembered between executions: lock, journal and outcomes, behind one Protocol."""
