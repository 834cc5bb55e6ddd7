"""Everything that is known about one case, for the one it is about or for an archive."""
