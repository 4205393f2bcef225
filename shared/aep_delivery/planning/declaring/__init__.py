"""The bodies of the resources in Adobe's forms: each kind its own builder, by generation and by what is exported."""
