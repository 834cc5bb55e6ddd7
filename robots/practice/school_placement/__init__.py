"""Skolplacering: one page that fetches what it shows, pupils in a list without end, school choices with a period."""
