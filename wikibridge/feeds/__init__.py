"""Feeds: what is new, as values, and as files that feed readers ask for again and again. All pure."""
