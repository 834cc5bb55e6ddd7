"""Runs followed as they go on: nothing lost, nothing twice, one question to the database for all who look on."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from robots.evidence import Recorder
from robots.evidence.keys import Keys
from robots.portal.doors.accounts import add_account
from robots.portal.doors.sessions import begin_session
from robots.portal.live import Listener, Live
from robots.portal.rights import Role
from robots.portal.story import Story
from robots.queue.orders import cancel
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts, run_events
from robots.task_files import LoadedTasks
from tests.unit.desk_runs import Robot, seated
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.runs import new_run

SECONDS = 20.0


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


@pytest.fixture
def robot(desk: Desk, tasks: LoadedTasks) -> Callable[..., Robot]:
    return lambda *told, **typed: Robot(desk, tasks, *told, **typed)


@dataclass
class Told:
    """One message of a stream."""

    event: str = ""
    id: str = ""
    data: str = ""


class Stream:
    """What a browser is told, message by message."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> Told:
        told = Told()
        data: list[str] = []
        for line in self._lines:
            name, _, value = line.partition(": ")
            if not line and told.event:
                told.data = "\n".join(data)
                return told
            if name == "event":
                told.event = value
            elif name == "id":
                told.id = value
            elif name == "data":
                data.append(value)
        return Told("cut off")

    def until(self, words: str, *, kind: str = "parts") -> Told:
        """The first message of the kind that has these words."""
        while (told := self.next()).event != "cut off":
            if told.event == kind and words in told.data:
                return told
        raise AssertionError(f"«{words}» was never told")

    def rest(self) -> list[str]:
        """The events that are left, to the end of the stream."""
        found = []
        while (told := self.next()).event != "cut off":
            found.append(told.event)
        return found


@contextmanager
def following(client: Client, address: str, **headers: str) -> Iterator[Stream]:
    with client.stream("GET", address, headers=headers, timeout=SECONDS) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.iter_lines())


# -- as a browser is told ---------------------------------------------------------------------------------------------


def test_steps_pictures_and_the_outcome_come_as_they_happen(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, gun = robot(), seated(desk, "gun")
    live = re.search(r'data-live="([^"]+)"', gun.get(run.page).text)
    assert live
    with following(gun, live.group(1)) as stream:
        stream.until("I kö")
        claimed = run.begin()
        stream.until("Pågår")
        with run.recorder.step("Hämta ritningarna"):
            run.recorder.flush()
            assert 'class="stage on"' in stream.until("Hämta ritningarna").data
            run.picture()
            stream.until("evidence/01-001.jpg")
        run.recorder.flush()
        stream.until("klart på")
        run.make(claimed)
        stream.until("M-17")
        run.end(claimed)
        ended = stream.until("standing done").data
        assert f'action="{run.page}/again"' in ended
        assert f'action="{run.page}/stop"' not in ended
        assert stream.rest() == ["say", "end"]


def test_what_is_said_is_the_step_and_the_outcome(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, gun = robot(), seated(desk, "gun")
    claimed = run.begin()
    with following(gun, f"{run.page}/live") as stream:
        run.note("step", "Hämta ritningarna")
        stream.until("Pågår: Hämta ritningarna", kind="say")
        run.end(claimed, "handed_over", "Arkivet är tomt")
        stream.until("Överlämnad till handläggare. Arkivet är tomt", kind="say")


def test_a_stream_goes_on_after_what_was_heard_last(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, gun = robot(), seated(desk, "gun")
    claimed = run.begin()
    for title in ("Första", "Andra"):
        with run.recorder.step(title):
            pass
    run.recorder.flush()
    with following(gun, f"{run.page}/live") as stream:
        heard = stream.until("Andra")
        assert "Första" in heard.data
    run.note("step", "Tredje")
    with following(gun, f"{run.page}/live?after=0", **{"Last-Event-ID": heard.id}) as stream:
        again = stream.until("Tredje").data
        assert "Första" not in again
        assert "Andra" not in again
    run.end(claimed)
    with following(gun, f"{run.page}/live", **{"Last-Event-ID": "strunt"}) as stream:
        assert "Första" in stream.next().data
        assert stream.rest()[-1] == "end", "a run that has ended says so and closes"


def test_nobody_listens_on_after_logging_out(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, gun, lena = robot(), seated(desk, "gun"), seated(desk, "lena")
    with following(gun, f"{run.page}/live") as hers, following(lena, f"{run.page}/live") as other:
        hers.next()
        other.next()
        gun.send_form("/logout")
        assert hers.rest()[-1] == "closed"
        run.note("step", "Efter utloggningen")
        other.until("Efter utloggningen")


def test_the_end_of_the_portal_closes_the_streams(machine: Settings, store: Store, tasks: LoadedTasks) -> None:
    with ExitStack() as open_ones:
        with desk_over(machine, store) as desk:
            run = Robot(desk, tasks)
            gun = Client(base_url=desk.address, cookies=dict(seated(desk, "gun").cookies))  # which stays when it closes
            stream = open_ones.enter_context(following(open_ones.enter_context(gun), f"{run.page}/live"))
            stream.next()
        assert stream.rest()[-1:] == ["closed"]


def test_the_listing_tells_of_open_runs_until_they_have_ended(desk: Desk, robot: Callable[..., Robot]) -> None:
    runs, gun = [robot(), robot()], seated(desk, "gun")
    foreign = robot("book-civil-wedding", by="olle", witness_1="Vera Tall", witness_2="Ivar Strand")
    live = re.search(r'data-live="([^"]+)"', gun.get("/runs").text)
    assert live
    address = live.group(1).replace("&amp;", "&")
    assert f"of={foreign.id}" not in address
    with following(gun, f"{address}&of={foreign.id}&of={'9' * 18}") as stream:
        cancel(desk.store, foreign.id, by="olle")
        for run in runs:
            run.begin()
            assert f'id="run-{run.id}-state"' in stream.until("Pågår").data
            cancel(desk.store, run.id, by="gun")
            run.recorder.finish()
        with desk.store.begin() as connection:
            connection.exec_driver_sql("update runs set finished_at = now()")
        assert "end" in stream.rest()
    with following(seated(desk, "olle"), address) as stream:
        assert stream.rest() == ["end"], "of runs that are not reached nothing is told"


def test_the_listing_counts_what_is_open_and_keeps_what_was_chosen(desk: Desk, robot: Callable[..., Robot]) -> None:
    for by in ("gun", "gun", "lena"):
        robot(by=by)
    robot(by="gun").begin()
    robot("book-civil-wedding", by="olle", witness_1="Vera Tall", witness_2="Ivar Strand")
    shown = seated(desk, "gun").get("/runs?mine=true&task=send_drawings").text
    assert 'href="/runs?state=queued&amp;task=send_drawings&amp;mine=True">I kö: 3<' in shown
    assert ">Pågår: 1<" in shown
    assert ">I kö: 4<" in seated(desk, "rut").get("/runs").text
    assert ">I kö: 1<" in seated(desk, "olle").get("/runs").text
    for odd in ("?before=99999999999999999999", "?of=x", "?case=%00KC", "?state=finns-inte"):
        assert seated(desk, "gun").get(f"/runs{odd}").status_code in (200, 422), odd


# -- the one reader ---------------------------------------------------------------------------------------------------


@pytest.fixture
def token(store: Store) -> str:
    """Of somebody's session."""
    add_account(store, "gun", "Gun", roles=[Role.GUIDE], teams=[], by="prov")
    with store.begin() as connection:
        return begin_session(store, connection.execute(select(accounts)).one())


def note(connection: Any, run_id: int, title: str) -> None:
    told = {"run_id": run_id, "attempt": 1, "kind": "step", "title": title}
    connection.execute(insert(run_events).values(**told))


def in_a_loop(what: Coroutine[Any, Any, None]) -> None:
    """Carry it out in a thread of its own: where a browser test has been before, this one has a loop already."""
    with ThreadPoolExecutor(1) as one:
        one.submit(asyncio.run, what).result(2 * SECONDS)


async def heard(listener: Listener, wanted: int) -> list[str]:
    """The titles of so many events."""
    titles: list[str] = []
    async with asyncio.timeout(SECONDS), aclosing(aiter(listener)) as told:
        async for news in told:
            titles += [each.title for each in news.events]
            if len(titles) >= wanted:
                break
    return titles


def test_fifty_who_look_on_cost_one_question_a_look_and_nobody_costs_none(store: Store, token: str) -> None:
    runs = [new_run(store) for _ in range(50)]
    live, asked = Live(store, lambda: False), []

    def count(*told: Any) -> None:
        if threading.current_thread().name == "live" and "run_events" in told[2]:
            asked.append(told[2])

    async def look_on() -> None:
        with ExitStack() as stack:
            seats = [stack.enter_context(live.listening({run: 0}, token)) for run in runs]
            with store.begin() as connection:
                for run in runs:
                    note(connection, run, f"steg i {run}")
            titles = await asyncio.gather(*(heard(seat, 1) for seat in seats))
            assert titles == [[f"steg i {run}"] for run in runs]
            assert 1 <= len(asked) <= live.looks

    event.listen(store.engine, "before_cursor_execute", count)
    try:
        in_a_loop(look_on())
        for thread in threading.enumerate():
            if thread.name == "live":
                thread.join(SECONDS)
        looked = live.looks
        assert not any(thread.name == "live" for thread in threading.enumerate())
        assert live.looks == looked == len(asked)
    finally:
        event.remove(store.engine, "before_cursor_execute", count)


def test_an_event_that_is_written_late_is_heard_though_a_later_one_was_already(store: Store, token: str) -> None:
    """Numbers are given out before a transaction ends: of two runs, the one with the lower number may come last."""
    late, early = new_run(store), new_run(store)

    async def look_on() -> None:
        live = Live(store, lambda: False)
        with live.listening({late: 0, early: 0}, token) as listener:
            with store.begin() as slow:
                note(slow, late, "sen")
                with store.begin() as quick:
                    note(quick, early, "tidig")
                assert await heard(listener, 1) == ["tidig"]
            assert await heard(listener, 1) == ["sen"]

    in_a_loop(look_on())


def test_of_two_who_look_at_one_run_each_hears_what_is_new_to_them(store: Store, token: str) -> None:
    run = new_run(store)
    with store.begin() as connection:
        note(connection, run, "första")
        known = connection.execute(select(run_events.c.id)).scalar_one()

    async def look_on() -> None:
        live = Live(store, lambda: False)
        with live.listening({run: 0}, token) as fresh, live.listening({run: known}, token) as ahead:
            assert await heard(fresh, 1) == ["första"]
            with store.begin() as connection:
                note(connection, run, "andra")
            assert (await heard(fresh, 1), await heard(ahead, 1)) == (["andra"], ["andra"])

    in_a_loop(look_on())


# -- the story --------------------------------------------------------------------------------------------------------


def test_what_a_dead_attempt_left_open_is_shown_as_cut_short(desk: Desk, robot: Callable[..., Robot]) -> None:
    run, gun = robot(), seated(desk, "gun")
    run.note("attempt", "Försök 1")
    run.note("step", "Hämta ritningarna")
    keys = Keys.of(desk.settings, desk.store)
    run.recorder = Recorder(desk.store, desk.settings.evidence_dir, run.id, 2, keys=keys, pictures=False)
    run.note("attempt", "Försök 2")
    run.note("step", "Hämta ritningarna")
    with desk.store.begin() as connection:
        connection.exec_driver_sql("update runs set state = 'running', started_at = now()")
        events = list(connection.execute(run_events.select().order_by(run_events.c.id)))
    story = Story(events)
    assert [(stage.title, stage.ended) for stage in story.stages] == [
        ("Hämta ritningarna", False), ("", None), ("Hämta ritningarna", None),
    ]  # fmt: skip
    assert Story(events[:2]).grow(events) == [story.stages[0], story.stages[1], story.stages[2]]
    shown = gun.get(run.page).text
    assert len(re.findall(r'class="stage on"', shown)) == 1
    assert "Försök 2" in shown
