"""Everything that is shown of one run, to one visitor."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, select
from starlette.exceptions import HTTPException

from robots.errors import RagnhildError, WrongInput
from robots.evidence.full_trace import gone_at, there_now
from robots.evidence.recorder import asked_form
from robots.evidence.sealed import RunEvidence
from robots.portal.desk import Desk
from robots.portal.rights import May, Visitor
from robots.portal.story import Picture, Stage, Story
from robots.portal.wording import marked as _
from robots.queue.orders import AT_WORK
from robots.queue.run_record import Around, RunRecord
from robots.queue.runs import events_of, find_run
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.schema import runs
from robots.task import Task
from robots.telling.wording import Names
from robots.worker.own_tasks import OWN_TASKS

# Who or what asked for the run.
SOURCES = {
    "guide": _("En person"), "schedule": _("Ett schema"), "inbox": _("Ärendeinkorgen"), "batch": _("En bunt"),
    "api": _("Ett program"),
}  # fmt: skip
EFFECT_STATES = {
    "CONFIRMED": _("Bekräftad"), "REFUSED": _("Nekad av systemet"), "UNKNOWN": _("Oklar"), "ARMED": _("Oklar"),
    "DUPLICATE": _("Finns två gånger"), "INTENDED": _("Inte gjord"),
}  # fmt: skip
# What a run that is done may have left in the case for later.
LEFT = {"add_note": _("anteckningen"), "set_status": _("statusen"), "hand_over": _("fördelningen")}
ORDERS = {
    "cancel": _("Stoppad"), "retry": _("Försök igen"), "again": _("Gör en gång till"), "approve": _("Svarade Skicka"),
    "deny": _("Svarade Avbryt"),
}  # fmt: skip
ENDINGS = {
    "done": _("Klart"), "handed_over": _("Överlämnat"), "failed": _("Misslyckades"), "cancelled": _("Avbrutet"),
    "retry": _("Görs om"), "held": _("Väntar"), "lost": _("Dog"),
}  # fmt: skip
# The largest number that the database knows.
LARGEST = 2**63 - 1


def reached_run(desk: Desk, visitor: Visitor, run_id: int) -> Row[Any]:
    """The run. Raises 404 for one that is not there and for one that the visitor does not reach alike."""
    try:
        run = find_run(desk.store, min(run_id, LARGEST))
    except WrongInput:
        raise HTTPException(404) from None
    if not _reaches(desk, visitor, run):
        raise HTTPException(404)
    return run


def _reaches(desk: Desk, visitor: Visitor, run: Row[Any]) -> bool:
    """What a run has left for later belongs to those whose run it was."""
    asked_by = run.started_by.removeprefix("K-")
    if visitor.reaches(run, desk.tasks.by_name):
        return True
    if run.task not in OWN_TASKS or not run.started_by.startswith("K-") or not asked_by.isdecimal():
        return False
    return _reaches(desk, visitor, find_run(desk.store, int(asked_by)))


def task_of(desk: Desk, name: str) -> Task | None:
    """The municipality's own or the toolkit's; None where its file has gone."""
    return desk.tasks.by_name.get(name) or OWN_TASKS.get(name)


def case_page(settings: Settings, number: str | None) -> str:
    """Where a person reads the case of this number; "" where that is not set."""
    if not (settings.case_page and number):
        return ""
    return settings.case_page.replace("{case_number}", number).replace("{town}", settings.town_address)


def pictures_of(store: Store, run_id: int) -> set[str]:
    """The files of its evidence that the run's events name."""
    return {event.detail["file"] for event in events_of(store, run_id) if event.kind == "picture"}


class RunPage:
    """One run as this visitor may see it. ``story`` may grow with what has happened since it was read."""

    def __init__(self, desk: Desk, visitor: Visitor, run_id: int, story: Story | None = None) -> None:
        """Raises 404 as ``reached_run``. With a ``story`` the steps are as they are in it."""
        self.desk = desk
        self.visitor = visitor
        self.run = reached_run(desk, visitor, run_id)
        self.task = task_of(desk, self.run.task)
        self.record = RunRecord.of(desk.store, run_id, self.task)
        self.run = self.record.row
        self.around = Around.of(desk.store, self.run)
        self.story = story or Story(self.record.events)

    # -- what it is ------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.task.title if self.task else str(self.run.task)

    @property
    def has_ended(self) -> bool:
        return self.run.finished_at is not None

    @property
    def is_stopping(self) -> bool:
        """A person has stopped it, and what is at work has not noticed yet."""
        return self.run.state == "cancelled" and not self.has_ended

    @cached_property
    def seconds(self) -> float | None:
        """How long it has taken, or has gone on until now."""
        if self.has_ended or self.run.started_at is None:
            return None if self.run.seconds is None else float(self.run.seconds)
        since = self.desk.store.ask(select(seconds_since(runs.c.started_at)).where(runs.c.id == self.run.id))
        return float(since[0]) if since else None

    @property
    def case_page(self) -> str:
        """Where a person reads the case; "" where that is not set."""
        return case_page(self.desk.settings, self.run.case_number)

    @property
    def left(self) -> list[str]:
        """The words for what a run that is done has left in the case for later."""
        return [words for name, words in LEFT.items() if name in (self.run.waits or ())]

    # -- why -------------------------------------------------------------------------------------------------------

    @property
    def order(self) -> Row[Any] | None:
        """The order by which a person wanted it after an earlier run."""
        earlier = f"K-{self.run.earlier_run}"
        return next(
            (o for o in reversed(self.around.orders) if o.about == earlier and o.order in ("retry", "again")), None
        )

    @property
    def orders(self) -> list[Row[Any]]:
        """What people have ordered about this very run."""
        return [each for each in self.around.orders if each.about == f"K-{self.run.id}" and each.order in ORDERS]

    @property
    def kin(self) -> list[Row[Any]]:
        """The runs of the same request that the visitor reaches, this one among them."""
        return [each for each in self.around.kin if self.visitor.reaches(each, self.desk.tasks.by_name)]

    @property
    def newest(self) -> int:
        """The last of the runs of the same request; the run itself where nothing came after it."""
        return int(max((each.id for each in self.around.kin), default=self.run.id))

    # -- what was seen ---------------------------------------------------------------------------------------------

    @cached_property
    def evidence(self) -> RunEvidence:
        return self.desk.evidence_of(self.run.id)

    @cached_property
    def traces(self) -> list[tuple[str, datetime]]:
        """The full traces that lie here, and when each is gone; nothing for those who may not see personal data."""
        if self.run.trace_reason is None or not self.visitor.may(May.SEE_PERSONAL):
            return []
        return [(file, gone_at(file)) for file in there_now(self.desk.traces_of(self.run.id))]

    def there(self, picture: Picture) -> bool:
        """Whether the picture can be shown. One of a run that goes on may be on its way to the disk."""
        return not self.has_ended or self.evidence.there(picture.file)

    def goes_on(self, stage: Stage) -> bool:
        return stage.ended is None and bool(stage.title) and not self.has_ended and self.run.state != "queued"

    # -- what can be done ------------------------------------------------------------------------------------------

    @property
    def question(self) -> Row[Any] | None:
        """What the run asks a person about, where it waits for the answer."""
        asked = self.record.questions[-1] if self.record.questions else None
        return asked if asked and asked.answer is None and self.run.state == "waiting_approval" else None

    @cached_property
    def asked_form(self) -> dict[str, Any]:
        """The form that the run asks about: whole, or covered where it was not kept or the visitor may not see it."""
        asked = self.question
        assert asked is not None
        covered: dict[str, Any] = asked.shown
        if not self.visitor.may(May.SEE_PERSONAL):
            return covered
        try:
            whole: dict[str, Any] = json.loads(self.evidence.read(asked_form(f"{asked.attempt:02d}")))
        except (OSError, RagnhildError):
            return covered
        return whole

    @property
    def can_answer(self) -> bool:
        return self.question is not None and self.visitor.may(May.START) and self.visitor.may(May.SEE_PERSONAL)

    @property
    def can_stop(self) -> bool:
        return self.run.state in AT_WORK and self.visitor.may(May.STOP_RUNS)

    @property
    def can_order_anew(self) -> bool:
        last = self.newest == self.run.id
        return self.has_ended and last and self.task is not None and self.visitor.may(May.START)

    @property
    def is_handover(self) -> bool:
        """Whether it lies with people, who say what becomes of it."""
        return self.run.state in ("handed_over", "failed") and not self.run.dry_run

    @property
    def can_retry(self) -> bool:
        return self.can_order_anew and self.run.state != "done" and not self.is_handover

    @property
    def can_make_again(self) -> bool:
        return self.can_order_anew and self.run.state == "done" and not self.run.dry_run

    @property
    def made(self) -> list[Row[Any]]:
        """The changes that stand."""
        return [effect for effect in self.record.effects if effect.state == "CONFIRMED"]

    @cached_property
    def names(self) -> Names:
        return Names(self.desk.settings)

    @property
    def captions(self) -> dict[str, str]:
        return {each.name: each.title for each in self.task.inputs} if self.task else {}
