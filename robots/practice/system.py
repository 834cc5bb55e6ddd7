"""What every practice system is made of. How it looks and behaves is its own affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from robots.practice.faults import Faults
from robots.practice.sessions import Sessions, User
from robots.practice.town import Town
from robots.practice.truth import Truth


@dataclass
class World:
    """What all systems share. ``smtp_port`` is the town's own mail server, on loopback."""

    town: Town
    truth: Truth
    faults: Faults
    users: dict[str, User]
    smtp_port: int

    @property
    def today(self) -> date:
        return self.town.today


class PracticeSystem:
    """One line-of-business system under one path.

    A subclass sets the class attributes, adds its routes to ``self.router`` in ``add_routes`` (paths without
    the prefix) and makes its state in ``reset``. Handlers are ``async`` and run one at a time between awaits,
    so state needs no lock. Everything a robot changes goes through ``commit``.

    Templates and ``style.css`` lie in ``<module folder>/templates`` and ``<module folder>/static``;
    static files are served at ``<path>/static``.
    """

    key: ClassVar[str]  # the folder's name, also the key of roles and faults
    title: ClassVar[str]  # as the municipality calls it
    path: ClassVar[str]  # "/ritningar"
    session_minutes: ClassVar[float] = 30.0
    folder: ClassVar[Path]

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions = Sessions(self.key, self.session_minutes)
        self.router = APIRouter()
        self.templates = Environment(
            loader=FileSystemLoader(self.folder / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(path=self.path, title=self.title)
        self.add_routes()
        self.reset()

    def add_routes(self) -> None:
        raise NotImplementedError

    def reset(self) -> None:
        """Make the state anew from ``self.world.town``."""
        raise NotImplementedError

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        """What only tests may do to the system, by name: lock a case as a colleague would, carry out a booking."""
        return {}

    def maintenance_page(self) -> str:
        """What the system shows, with status 503, while it is down."""
        return f"<!doctype html><title>{self.title}</title><h1>Systemet är stängt för underhåll</h1>"

    def page(self, template: str, /, status: int = 200, **values: Any) -> HTMLResponse:
        return HTMLResponse(self.templates.get_template(template).render(**values), status_code=status)

    def commit(self, kind: str, about: str, by: str, /, **facts: Any) -> None:
        self.world.truth.commit(self.key, kind, about, by, **facts)
