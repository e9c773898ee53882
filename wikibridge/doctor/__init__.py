"""Looking over a site, from its settings to its schedule: what is well, what is not, what to do (``wikibridge doctor``).

Each check is by itself: one that fails leaves the others, and what cannot be looked at because of it is said to be so. Nothing
is written on the wiki.
"""
