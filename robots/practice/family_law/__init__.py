"""Treklöver Familjerätt: akter, parties, protocols, visits and letters, each in a window of its own."""
