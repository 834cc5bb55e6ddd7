"""Felanmälan: what is broken, where on the map it is, and who mends it."""
