"""The register and the outline of an impact assessment (GDPR art. 30 and 35), as Markdown in Swedish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from robots.processing.cards import Card
from robots.retention.classes import AUDIT, EVIDENCE, HANDOVERS, RUNS
from robots.retention.plan import plan_of
from robots.settings import Settings
from robots.version import toolkit_version

MISSING = "**Saknas.** Skriv in det under uppgiftens namn i `config/processing.toml`."
UNKEPT = "**Saknas.** Utan beslut i `config/retention.toml` gallras inget."
LEVELS = {
    "stöd": "Stöd: gör det som en människa har bett om",
    "förslag": "Förslag: förbereder, och en människa beslutar",
    "beslut": "Beslut: beslutar själv, med stöd av delegation",
}


# The classes of record that hold what a run has met of citizens.
OF_RUNS = (RUNS, EVIDENCE, HANDOVERS, AUDIT)


def kept_by(settings: Settings) -> list[str]:
    """How long what is kept of a run lies, and by which decision; empty where none is made."""
    rules = plan_of(settings).rules
    return [f"{name} {rules[name].kept.words} ({rules[name].decision})" for name in OF_RUNS if name in rules]


@dataclass
class _InSystem:
    title: str
    pictures: bool
    reading: list[str] = field(default_factory=list)
    changing: list[str] = field(default_factory=list)


def register_of(cards: Sequence[Card], municipality: str, kept: Sequence[str], today: date) -> str:
    """The register of processing. ``kept`` says how long what is kept of a run lies, and by which decision."""
    return _written("register.md.txt", cards, municipality, kept, today)


def outline_of(cards: Sequence[Card], municipality: str, kept: Sequence[str], today: date) -> str:
    """The outline of an impact assessment. ``kept`` as in ``register_of``."""
    grounds = dict.fromkeys(card.assessment.legal_basis for card in cards if card.assessment)
    robots = dict.fromkeys(card.robot for card in cards if card.robot)
    return _written(
        "dpia.md.txt", cards, municipality, kept, today,
        systems=_by_system(cards), grounds=list(grounds), robots=list(robots),
    )  # fmt: skip


def _by_system(cards: Sequence[Card]) -> list[_InSystem]:
    found: dict[str, _InSystem] = {}
    for card in cards:
        for used in card.systems:
            told = found.setdefault(used.title, _InSystem(used.title, used.pictures))
            (told.changing if used.changes else told.reading).append(card.task.title)
    return sorted(found.values(), key=lambda each: each.title)


def _written(
    template: str, cards: Sequence[Card], municipality: str, kept: Sequence[str], today: date, **more: Any
) -> str:
    return _texts().get_template(template).render(
        cards=cards, municipality=municipality, kept=kept, today=today, version=toolkit_version(), levels=LEVELS,
        missing=MISSING, unkept=UNKEPT, **more,
    )  # fmt: skip


@cache
def _texts() -> Environment:
    # What is written is Markdown, and not a page.
    return Environment(  # noqa: S701  # nosec B701
        loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
