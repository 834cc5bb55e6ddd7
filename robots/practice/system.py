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
from robots.practice.releases import FIRST, SECOND, Skin, release_of_this_request
from robots.practice.sessions import Session, Sessions, User
from robots.practice.town import Town
from robots.practice.truth import Truth


@dataclass(frozen=True)
class NewField:
    """The field that a system's second release demands and its first one does not have.

    ``name`` is the field's in the form, ``label`` what stands beside it, ``missing`` what the system says when it was
    left empty. ``choices`` are what can be chosen; without them it is a line to type in.
    """

    name: str
    label: str
    missing: str
    choices: tuple[str, ...] = ()

    def accepts(self, value: str) -> bool:
        return value in self.choices if self.choices else bool(value.strip())


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

    Its second release (``?release=2``) renames ids and classes by itself, calls two labels otherwise (``reworded``) and
    demands ``new_field``; its templates move fields with ``{% if release == 2 %}`` and show ``new_field`` there. Every
    handler of a change asks ``new_field_missing`` beside its other checks. See ``releases.py``.
    """

    key: ClassVar[str]  # the folder's name, also the key of roles and faults
    title: ClassVar[str]  # as the municipality calls it
    path: ClassVar[str]  # "/ritningar"
    session_minutes: ClassVar[float] = 30.0
    folder: ClassVar[Path]
    reworded: ClassVar[dict[str, str]] = {}  # the first release's labels, and the second's
    new_field: ClassVar[NewField | None] = None
    names_in_attributes: ClassVar[frozenset[str]] = frozenset()
    calls_with_names: ClassVar[frozenset[str]] = frozenset()

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
        self.templates.globals.update(path=self.path, title=self.title, new_field=self.new_field, release=FIRST)
        self.skin = Skin(self.path, self.reworded, self.names_in_attributes, self.calls_with_names)
        self.everybodys_release = FIRST
        self._made = False
        self.add_routes()

    def begin_anew(self, keep_sessions: bool) -> None:
        """Forget everything. The state is made when somebody first asks for it: most tests visit two systems of all."""
        if keep_sessions:
            self.sessions.begin_anew(self.begin)
        else:
            self.sessions.end_all()
        self.sessions.failed_logins = 0
        self.everybodys_release = FIRST
        self._made = False

    def bring_release(self, release: int) -> None:
        """The supplier has put another release in: from now on it is everybody's."""
        self.everybodys_release = release

    def make_ready(self) -> None:
        """To be called before anything is asked of the system."""
        if not self._made:
            self._made = True
            self.reset()

    def add_routes(self) -> None:
        raise NotImplementedError

    def begin(self, session: Session) -> None:
        """Put what the system keeps of a session into its memory."""

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
        """``values`` and ``release`` are known to the template, and to what it imports "with context"."""
        values.setdefault("release", self.release)
        return HTMLResponse(self.templates.get_template(template).render(**values), status_code=status)

    @property
    def release(self) -> int:
        """The release that the request at hand is answered in."""
        return release_of_this_request.get()

    def new_field_missing(self, value: str) -> str:
        """The system's own words when the second release lacks its new field, else "".

        A change that meets them is refused like one with any other field missing, and commits nothing.
        """
        needed = self.release == SECOND and self.new_field is not None
        return self.new_field.missing if needed and self.new_field and not self.new_field.accepts(value) else ""

    def commit(self, kind: str, about: str, by: str, /, **facts: Any) -> None:
        self.world.truth.commit(self.key, kind, about, by, **facts)
