"""Diariet: boards, years and ärenden in a tree, cards in windows of their own, documents that are checked out."""
