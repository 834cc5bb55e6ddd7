"""Keeping the data, and moving it: backups, what is made of one again, and the way to another server."""
