"""Events in and out, each with a published schema."""
