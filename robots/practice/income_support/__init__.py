"""Socio Ekonomiskt bistånd: files that are locked while somebody works in them, and a sheet that reckons by keys."""
