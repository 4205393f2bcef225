"""Adobe: the client of IMS and Flow Service, typed errors, and the destination catalogue."""
