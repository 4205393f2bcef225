"""Judging a bare set of files: no config and no run says what must be there, only names, a manifest and a count may."""
