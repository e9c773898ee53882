"""``python -m wikibridge``."""

from wikibridge.cli.main import main

main()
