"""What every step stands on: errors, clock, settings, logging and the step handler."""
