"""Befolkningsregistret: who somebody is, and whether a robot may go on with the case at all."""

from robots.systems.population_register.driver import Reader
from robots.systems.population_register.model import Person, Protection

__all__ = ["Person", "Protection", "Reader"]
