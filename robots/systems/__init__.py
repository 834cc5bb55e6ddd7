"""The line-of-business systems, a folder each, all with the same file names."""
