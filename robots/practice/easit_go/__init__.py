"""Easit GO: the other case system, with a programming interface."""
