"""Figures, each beside what it is compared to, measured in the same run: ``python -m benchmarks``."""
