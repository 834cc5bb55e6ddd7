"""Telling people: what has happened, to whom it matters, when and how it reaches them; and that silence is heard."""
