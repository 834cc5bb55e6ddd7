"""Pages: a template with what it shows, in the visitor's language, with nothing in it that a text could run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from robots.evidence.redaction import redact
from robots.local_time import ZONE, on_the_wall
from robots.portal.desk import desk_of
from robots.portal.doors.guards import CSRF_FIELD
from robots.portal.handovers import count_waiting
from robots.portal.rights import May, Role, Visitor
from robots.portal.wording import LANGUAGES, locale_of, translations
from robots.portal.wording import marked as _
from robots.statistics.wording import alphabetical, lasting

TEMPLATES = Path(__file__).parent / "templates"
# What the portal calls the states of a run; the sign stands beside the word, for those who see no colours.
STATES = {
    "queued": (_("I kö"), "queue"), "running": (_("Pågår"), "run"), "waiting_approval": (_("Väntar på svar"), "ask"),
    "done": (_("Klar"), "done"), "handed_over": (_("Överlämnad till handläggare"), "hand"),
    "failed": (_("Misslyckades"), "fail"), "cancelled": (_("Avbruten"), "stop"),
}  # fmt: skip
ROLES = {
    Role.GUIDE: _("Kommunvägledare"), Role.LEADER: _("Teamledare"), Role.ADMIN: _("Administratör"),
    Role.AUDITOR: _("Granskare"), Role.API: _("Program"),
}  # fmt: skip
# The pages in the order in which they are used, and the right that each takes.
MENU = (
    ("/", _("Starta"), May.START),
    ("/runs", _("Körningar"), May.SEE_RUNS),
    ("/handovers", _("Överlämnade"), May.HANDLE),
    ("/excel", _("Excel"), May.START),
    ("/statistics", _("Statistik"), May.SEE_STATISTICS),
    ("/machinery", _("Drift"), May.SEE_MACHINERY),
    ("/accounts", _("Konton"), May.CHANGE_ACCOUNTS),
    ("/audit", _("Händelselogg"), May.SEE_AUDIT),
)  # fmt: skip


@cache
def _environment(language: str) -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    # The old style: the new one takes every translated text for HTML, whatever it holds.
    env.install_gettext_translations(translations(language), newstyle=False)  # type: ignore[attr-defined]
    locale = locale_of(language)

    def moment(value: datetime | None) -> str:
        """The day only where it is another than today."""
        if value is None:
            return "–"
        today = on_the_wall(datetime.now(ZONE)).date()
        if on_the_wall(value).date() == today:
            return format_time(value, "HH:mm", tzinfo=ZONE, locale=locale)
        return format_datetime(value, "d MMM y HH:mm", tzinfo=ZONE, locale=locale)

    env.filters |= {
        "moment": moment,
        "exact": lambda value: format_datetime(value, "y-MM-dd HH:mm:ss", tzinfo=ZONE, locale=locale),
        "clock": lambda value: format_time(value, "HH:mm:ss", tzinfo=ZONE, locale=locale),
        "iso": lambda value: value.isoformat() if value else "",
        "day": lambda value: format_date(value, "EEEE d MMMM", locale=locale) if isinstance(value, date) else "–",
        "number": lambda value: format_decimal(value, locale=locale),
        "seconds": lambda value: "–" if value is None else lasting(float(value), language),
        "age": lambda value: format_timedelta(timedelta(seconds=float(value)), locale=locale),
        "covered": redact,
        # What is no sentence of ours stays as it is; unlike _() in a template, it is escaped as all else is.
        "role_words": lambda role: translations(language).gettext(ROLES[role]),
        "swedish": lambda rows, name: sorted(rows, key=lambda row: alphabetical(getattr(row, name))),
    }
    env.globals["menu"] = lambda: [
        (address, translations(language).gettext(words), right) for address, words, right in MENU
    ]
    return env


def page(
    request: Request, template: str, visitor: Visitor | None = None, /, *, status: int = 200, **shown: Any
) -> HTMLResponse:
    """The page ``templates/<template>.html``. ``shown`` is what it may show; names that are missing are an error."""
    return HTMLResponse(text_of(request, f"{template}.html", visitor, **shown), status)


def text_of(request: Request, template: str, visitor: Visitor | None = None, /, **shown: Any) -> str:
    """The text of a template: of a page, or of a part that a live page takes in."""
    language = visitor.language if visitor else _asked_language(request)
    chosen = language if language in LANGUAGES else "sv"
    return _environment(chosen).get_template(template).render(
        **shown, visitor=visitor, language=chosen, theme=visitor.theme if visitor else "auto", May=May, STATES=STATES,
        CSRF_FIELD=CSRF_FIELD, municipality=desk_of(request).settings.municipality, path=request.url.path,
        LANGUAGES=LANGUAGES, waiting=lambda address: _waiting(request, visitor, address),
    )  # fmt: skip


def _waiting(request: Request, visitor: Visitor | None, address: str) -> int:
    """How much waits for the visitor behind an entry of the menu; nothing is told where the database cannot say."""
    if visitor is None or address != "/handovers":
        return 0
    desk = desk_of(request)
    try:
        return count_waiting(desk.store, visitor, desk.tasks.by_name)
    except SQLAlchemyError:
        return 0


def words_of(visitor: Visitor | None, words: str, **values: Any) -> str:
    """A sentence of the code's own in the visitor's language; its values are put in as ``%(name)s``."""
    said = translations(visitor.language if visitor else "sv").gettext(words)
    return said % values if values else said


def _asked_language(request: Request) -> str:
    """What the browser asks for before anybody is logged in."""
    wanted = request.headers.get("accept-language", "")
    return "en" if wanted.lower().startswith("en") else "sv"
