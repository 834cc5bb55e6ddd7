"""A desk in the middle of a working day, with something on every page: for the tests of all pages and for pictures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, literal, select, update

from robots.errors import ApprovalNeeded
from robots.local_time import ZONE, moment_of
from robots.portal.doors.sessions import new_key
from robots.queue.approvals import ask as ask_person
from robots.queue.attempts import Outcome, finish
from robots.queue.breakers import note_failure
from robots.queue.claims import claim
from robots.queue.pauses import pause, system_scope
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import (
    accounts,
    batch_rows,
    handover_work,
    messages,
    mornings,
    outcomes,
    starts,
    webhook_deliveries,
    workers,
)
from robots.systems.asking import Form
from robots.systems.skeleton import Change, as_kept
from robots.task_files import LoadedTasks, load_tasks
from robots.telling.subscriptions import ask_for_test, pause_subscription, subscribe
from robots.worker.asked import asking_of
from tests.unit.desk_runs import Robot, new_case
from tests.unit.desks import Desk, desk_over
from tests.unit.ended_runs import Ended
from tests.unit.workbook_files import TITLES, sheet_file

BROKEN_TASK = '''"""Skickar påminnelser."""
from robots import Run, task


@task(title="Påminn om bygglov", owner="Samhällsbyggnad", saves_minutes=5)
def remind(run: Run, day)
    """Påminner."""
'''
MORNING = """title = "Ritningar till växeln varje morgon"
task = "send_drawings"
missed = "ask"
[when]
cron = "0 6 * * mon-fri"
[inputs]
case_number = "{case}"
property_id = "EKBACKEN 3:14"
"""
MONTHLY = MORNING.replace("Ritningar till växeln varje morgon", "Skolvalen den andra arbetsdagen").replace(
    'cron = "0 6 * * mon-fri"', 'workday_of_month = 2\nat = ["07:15"]'
)
HOST_OF_PROGRAMS = "etjanst.example.se"
SYSTEM, PAUSED, BROKEN = "drawing_archive", "school_placement", "waste_collection"


class FullDesk:
    """``desk`` with ``tasks``; the numbers of what it shows stand by name in ``has``."""

    def __init__(self, desk: Desk, tasks: LoadedTasks, folder: Path) -> None:
        self.desk, self.tasks, self.folder = desk, tasks, folder
        self.gun, self.lena, self.adam = (desk.person(name) for name in ("gun", "lena", "adam"))
        self.has: dict[str, Any] = {"task": "send-drawings", "system": SYSTEM, "schedule": "morning", "account": "gun"}
        self._figures()
        self._runs()
        self._handovers()
        self._sheet()
        self._machinery()
        self._told()
        self._called()
        self.gun.get(f"/runs/{self.has['done']}")  # a look is noted

    def _robot(self, name: str = "send-drawings", **typed: Any) -> Robot:
        return Robot(self.desk, self.tasks, name, **typed)

    def _figures(self) -> None:
        """The month before this one, and the one before that."""
        ended, tasks = Ended(self.desk.settings, self.desk.store), ("send_drawings", "send_detail_plan", "tell_invoice")
        first = datetime.now(ZONE).date().replace(day=1)
        for fewer, month in enumerate((first - timedelta(days=1), first - timedelta(days=32))):
            for number, task in enumerate(tasks, 1):
                for day in range(3, 24, 4 + number):
                    at = f"{month.replace(day=day)} {8 + day % 7:02}:20"
                    ended.run(
                        "done", at, task=task, count=9 - 2 * number - fewer, waited=3.0 * day, worked=40 + 9.0 * day
                    )
                ended.run("handed_over", f"{month.replace(day=9)} 10:40", task=task, kind="Sekretess", count=number)
            ended.run("handed_over", f"{month.replace(day=11)} 13:10", kind="Arkivet är tomt", task=tasks[0], count=2)
            ended.run("failed", f"{month.replace(day=12)} 15:00", kind="Sidan har ändrats", task=tasks[1])
            ended.run("cancelled", f"{month.replace(day=13)} 09:00", task=tasks[2])
        with self.desk.store.begin() as connection:  # what was handed over then is done by now
            handed = outcomes.c.outcome.in_(["handed_over", "failed"])
            closed = select(outcomes.c.run_id, literal("gun"), literal("by_hand"), literal("Klart"), outcomes.c.at)
            columns = ["run_id", "closed_by", "way", "done", "closed_at"]
            connection.execute(insert(handover_work).from_select(columns, closed.where(handed)))
            connection.execute(update(outcomes).where(handed).values(settled=True))

    def _runs(self) -> None:
        done = self._robot()
        done.end(done.work())
        failed = self._robot("send-detail-plan", by="lena")
        failed.end(failed.begin(), "failed", "Sidan har ändrats", "Planarkivets sida är ändrad", "Sök för hand")
        cancelled = self._robot()
        self.gun.send_form(f"{cancelled.page}/stop", reason="Den som ringde ändrade sig")
        dry = self._robot(dry_run=True)
        dry.end(dry.work())
        working = self._robot()
        working.work()
        waiting = self._waiting()
        self.has |= {
            "done": done.id, "queued": self._robot("send-detail-plan").id, "running": working.id, "waiting": waiting,
            "failed": failed.id, "cancelled": cancelled.id, "dry": dry.id,
        }  # fmt: skip

    def _waiting(self) -> int:
        """A run that has filled the form, shown it, and waits for Gun's answer."""
        robot = self._robot(asks_first=True)
        claimed = robot.begin()
        robot.note("step", "Hämta ritningarna")
        robot.picture("01-001.jpg", "Före: ritningar")
        asking = asking_of(self.desk.store, claimed, self.tasks.find("send-drawings"))
        assert asking is not None
        effect = (ledger := robot.ledger(claimed)).intend("case_management", "send_message", "ritningar")
        words = [("Till", "Karin Ek"), ("Ämne", "Ritningar"), ("Text", "Hej! Här kommer ritningarna du bad om.")]
        form = Form(
            {"text": words[-1][1]}, words, files=[("ritning-1.pdf", "0" * 64)], picture="01-001.jpg", page="Meddelande"
        )
        try:
            ledger.arm(effect, "prov", asking.gate(effect, form))
        except ApprovalNeeded:
            assert asking.asked is not None
            ask_person(self.desk.store, claimed, asking.asked, form.shown(str), minutes=30.0)
        return robot.id

    def _handovers(self) -> None:
        kinds = {
            "free": ("Sekretess", "En av ritningarna är hemlig", "Gör en sekretessprövning innan du lämnar ut den"),
            "mine": ("Arkivet är tomt", "Arkivet har inga ritningar för EKBACKEN 3:14", "Sök i pappersarkivet"),
            "theirs": ("Osäkert", "Kvittensen syns inte i ärendet", "Titta i ärendet om meddelandet kom fram"),
            "closed": ("Sekretess", "Alla ritningar är hemliga", "Gör en sekretessprövning"),
            "with_robot": ("Ärendet är låst", "Någon annan har ärendet öppet", "Stäng ärendet och försök igen"),
        }
        for name, words in kinds.items():
            robot = self._robot()
            robot.end(robot.work(), "handed_over", *words)
            self.has[name] = robot.id
        at = "/handovers/{}/{}".format
        self.gun.send_form(at(self.has["mine"], "take"))
        self.lena.send_form(at(self.has["theirs"], "take"))
        self.gun.send_form(at(self.has["closed"], "close"), way="by_hand", done="Prövade och lämnade ut två av tre")
        self.gun.send_form(at(self.has["with_robot"], "return"), reason="Stängde ärendet")

    def _sheet(self) -> None:
        """A sheet that is started and has come half way, and one with errors that nobody has started."""
        rows = [TITLES, *([new_case(), "EKBACKEN 3:14", "Hej"] for _ in range(6))]
        self._give(rows, "mars.xlsx", "batch")
        with self.desk.store.begin() as connection:
            asked = connection.execute(select(batch_rows.c.run_id).order_by(batch_rows.c.row)).scalars().all()
        secret = Outcome("handed_over", "Sekretess", "En av ritningarna är hemlig", "Pröva om den får lämnas ut")
        for run_id, end in zip(asked, (Outcome("done"), secret), strict=False):
            claimed = claim(self.desk.store, run_id, this_process())
            assert claimed is not None
            finish(self.desk.store, claimed, end)
        wrong = [[new_case(), "EKBACKEN", ""], ["KC-1", "EKBACKEN 3:14", ""], rows[1]]
        self._give([*rows[:3], *wrong], "april.xlsx", "")
        self.has["sheet"] = 2

    def _give(self, rows: list[list[str]], name: str, started: str) -> None:
        file = sheet_file(self.folder, rows, name=name)
        given = self.gun.send_form("/excel/sheets", {"file": (name, file.read_bytes())}, task="send_drawings")
        assert given.status_code == 303, given.text
        if started:
            begun = self.gun.send_form(f"{given.headers['location']}/start")
            self.has[started] = int(begun.headers["location"].rpartition("/")[2])

    def _machinery(self) -> None:
        store, now = self.desk.store, datetime.now(ZONE)
        self.adam.send_form("/schedules/morning/start", reason="Växeln behöver dem före mötet")
        pause(store, system_scope(PAUSED), by="adam", reason="Skolvalet öppnar i morgon")
        note_failure(store, BROKEN, "ragnhild", "Avfallssystemet svarar inte", limit=1)
        missed = datetime.combine(now.date() - timedelta(days=1), time(6))
        change = Change("reworded", "button", "Hitta", before="Sök")
        with store.begin() as connection:
            connection.execute(
                insert(workers),
                [{"name": f"kc-robot-{n}", "host": f"kc-robot-{n}", "pid": n, "pid_started": "1", "slots": 4,
                  "queues": ["default"], "seen_at": now + timedelta(hours=1)} for n in (1, 2)],
            )  # fmt: skip
            connection.execute(
                insert(starts).values(
                    schedule="morning", local_time=missed, due_at=moment_of(missed), state="asked", by="schema"
                )
            )
            about = {"run_id": self.has["done"], "system": SYSTEM, "title": "Ritningsarkivet"}
            pages: list[dict[str, Any]] = [
                {"page": "Sök ritning", "state": "changed", "changes": as_kept([change]), "picture": "01-001.jpg"},
                {"page": "Ritning", "state": "unreachable", "why": "Sidan svarade inte på 30 sekunder"},
            ]
            for place, page in enumerate(pages):
                connection.execute(insert(mornings).values(**about, **page, place=place))
            gun = connection.execute(select(accounts.c.id).where(accounts.c.name == "gun")).scalar_one()
        new_key(store, gun, "E-tjänsten för bygglov", by="adam")

    def _told(self) -> None:
        now = datetime.now(ZONE)
        letter = {
            "person": "drift",
            "about": "prov",
            "text": "Prov",
            "html": "<p>Prov</p>",
            "made_at": now,
            "try_at": now,
        }
        said = (
            ("Avfallssystemet svarar inte", "sent", ""),
            ("Tre ärenden väntar på en handläggare", "given_up", "Inkorgen är full"),
        )
        with self.desk.store.begin() as connection:
            connection.execute(
                insert(messages),
                [letter | {"subject": subject, "state": state, "error": error} for subject, state, error in said],
            )

    def _called(self) -> None:
        """A webhook of a team whose calls arrive as a rule, and one of a program's that an admin has paused."""
        store, settings = self.desk.store, self.desk.settings
        gun = store.ask(select(accounts.c.id).where(accounts.c.name == "gun"))
        assert gun
        address, told = f"https://{HOST_OF_PROGRAMS}/robotar/", ("run_ended", "handover")
        team = subscribe(store, settings, f"{address}bygg", told, by="adam", team="Samhällsbyggnad").id
        paused = subscribe(store, settings, f"{address}etjanst", told, by="adam", account_id=gun[0]).id
        pause_subscription(store, paused, by="adam", reason="Programmet byter adress")
        ask_for_test(store, paused, by="adam")
        self.has |= {"webhook": team, "paused_webhook": paused}
        called = (
            ("handover", "sent", 1, ""), ("run_ended", "waiting", 3, "Den svarade 503."),
            ("run_ended", "given_up", 29, "Den svarar inte (ConnectTimeout)."),
        )  # fmt: skip
        with store.begin() as connection:
            connection.execute(
                insert(webhook_deliveries),
                [{"webhook_id": team, "run_id": self.has["done"], "event": event, "state": state, "tries": tries,
                  "error": error} for event, state, tries, error in called],
            )  # fmt: skip


@contextmanager
def full_desk(machine: Settings, store: Store, folder: Path) -> Iterator[FullDesk]:
    """The municipality's own configuration and tasks, with one task more whose file is broken, and two schedules."""
    for name in ("schedules", "data", "sheets"):
        (folder / name).mkdir()
    shutil.copytree(machine.tasks_dir, folder / "tasks", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tasks/remind.py").write_text(BROKEN_TASK, "utf-8")
    for name, written in (("morning", MORNING), ("monthly", MONTHLY)):
        (folder / f"schedules/{name}.toml").write_text(written.format(case=new_case()), "utf-8")
    places = {f"{name}_dir": folder / name for name in ("tasks", "schedules", "data")}
    with desk_over(machine.model_copy(update={**places, "webhook_hosts": (HOST_OF_PROGRAMS,)}), store) as desk:
        yield FullDesk(desk, load_tasks(folder / "tasks"), folder / "sheets")
