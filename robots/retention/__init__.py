"""Retention: what is removed when, by which decision, and that it is."""
