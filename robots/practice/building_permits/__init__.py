"""Bygglov Castell: cases, events and documents of the building committee, in a frameset of pages that post back."""
