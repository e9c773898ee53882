"""Charters as values: articles and their wordings, votes and what they count, in no markup but that of the page."""
