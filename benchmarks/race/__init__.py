"""The race: setting up and verifying deliveries with us, and with what a user would take instead."""
