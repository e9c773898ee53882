"""A faithful Tiki for tests and the demo; ``TikiServer`` is all that others need of it."""

from wikibridge.demo.tiki.profile import PROFILES, Profile
from wikibridge.demo.tiki.server import Fault, TikiServer

__all__ = ["PROFILES", "Fault", "Profile", "TikiServer"]
