"""The case system: one contract, and a connector for each case system that municipalities have."""

from robots.cases.contract import Attachment, Case, Cases

__all__ = ["Attachment", "Case", "Cases"]
