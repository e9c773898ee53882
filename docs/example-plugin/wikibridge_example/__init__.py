"""A kind of job and a door for wikibridge, to begin one's own from."""
