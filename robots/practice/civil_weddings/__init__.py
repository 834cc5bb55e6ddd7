"""Vigselbokningen: applications to be married, and a calendar in which they are dragged to a time."""
