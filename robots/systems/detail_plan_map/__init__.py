"""Tallingekartan: a property and the detail plans that it lies in, with their documents."""

from robots.systems.detail_plan_map.driver import Reader
from robots.systems.detail_plan_map.model import Plan, PropertyCard

__all__ = ["Plan", "PropertyCard", "Reader"]
