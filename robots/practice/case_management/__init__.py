"""Ärendehantering Artina: the case system that the contact centre's guides work in all day."""
