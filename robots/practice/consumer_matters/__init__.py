"""Konsumentärenden: the consumer office's list, case cards and letters."""
