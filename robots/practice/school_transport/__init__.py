"""Skolskjuts: pupils with their way to school, applications, and proposals that somebody else decides on."""
