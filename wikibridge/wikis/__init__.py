"""Doors to wikis: one protocol (``base``), one module a kind of wiki."""
