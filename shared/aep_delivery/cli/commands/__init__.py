"""One module a command: a function whose parameters are its options, and which returns its exit code."""
