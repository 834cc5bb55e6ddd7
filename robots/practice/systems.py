"""The systems that Tallinge has, in the order of its start page."""

from robots.practice.system import PracticeSystem

SYSTEMS: tuple[type[PracticeSystem], ...] = ()
