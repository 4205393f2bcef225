"""The status page: how all deliveries of an installation stand, as a document and as a page in the work bucket."""
