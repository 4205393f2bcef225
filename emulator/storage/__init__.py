"""Real servers of the storages that are neither Amazon's nor to be had for nothing: for the tests and the demo."""
