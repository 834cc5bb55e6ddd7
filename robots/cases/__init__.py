"""The case system: one contract, and a connector for each case system that municipalities have."""

from robots.cases.contract import Case, Cases

__all__ = ["Case", "Cases"]
