"""What the steps of a workflow say to each other: small messages, and pointers to documents in the work bucket."""
