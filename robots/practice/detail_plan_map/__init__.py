"""Tallingekartan: the municipality's web map, drawn on a canvas, with its detail plans (read only)."""
