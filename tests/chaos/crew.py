"""The crew: forks actors, tells them what to do, kills and pauses them at random, until every run has ended.

``python -m tests.chaos.crew``, a process of its own, with one thread and no connection, so that it can fork a warm
actor in a few milliseconds. It stands where queue and supervisor stand: what was killed is given out again at once,
what asked for a later attempt is given out later. It is told by one line of JSON and answers with one.
"""

from __future__ import annotations

import gc
import heapq
import itertools
import json
import os
import random
import selectors
import shutil
import signal
import sys
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loguru import logger

from robots.store.connect import connect
from tests.chaos.actor import Actor, fork_actor
from tests.chaos.controls import CONTROLS, for_all, without_evidence
from tests.chaos.crew_orders import Orders, Told
from tests.chaos.no_browser import Press
from tests.chaos.orders import Work, settings_in

# So many requests are made at a time, and so many runs are kept open for each actor: some actors are always free to
# take over at once, while the last change of whoever was killed may still be on its way.
ASKED_AT_ONCE = 3
OPEN_FOR_EACH = 0.7
# A pause that an attempt asks for is not kept longer than this: the engine must not need it.
LONGEST_PAUSE = 0.3
# One of so many actors writes the step log and the report as well.
WITH_EVIDENCE = 10
KEEP_EVIDENCE = 10.0


class Crew:
    """One loop over the actors' answers and what is due by the clock."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.told = Told()
        self._chance = random.Random(orders.seed)
        self._settings = settings_in(Path(orders.folder))
        self._store = connect(orders.database)
        self._work = Work(self._settings, self._store, orders.target)
        self._selector = selectors.DefaultSelector()
        self._idle: list[Actor] = []
        self._actors: dict[int, Actor] = {}
        self._waiting: list[tuple[float, int, dict[str, Any]]] = []
        self._clock: list[tuple[float, int, str, Actor, int]] = []
        self._order = itertools.count()
        self._open: set[int] = set()
        self._asked_for = 0  # requests on their way
        self._mean_life = orders.mean_life
        self._evidence: deque[tuple[float, int]] = deque()
        self._progress = 0.0

    def work(self) -> Told:
        started = self._progress = time.monotonic()
        parent = os.getppid()
        for_all()
        self._warm_up()
        for _ in range(self.orders.actors):
            self._fork()
        while self._more_to_do():
            self._ask_for_more()
            self._give_out()
            self._strike_when_due()
            self._listen()
            self._sweep()
            if os.getppid() != parent:
                self._dismiss()
                raise SystemExit("whoever started the crew is gone")
            if time.monotonic() - self._progress > self.orders.patience:
                self.told.stuck = sorted(self._open)
                break
        self._dismiss()
        self.told.seconds = time.monotonic() - started
        return self.told

    def _warm_up(self) -> None:
        """One run of its own, so that a fork has everything at hand; the connections are closed before any fork."""
        number = 0
        run_id = self._work.ask_for(number)
        while True:
            try:
                self.told.endings[run_id] = self._work.attempt(run_id)
            except Exception as error:  # the target's faults; tried again as by an actor
                logger.debug("warming up: {}", error)
            else:
                break
        self.told.numbers = 1
        self._store.engine.dispose()

    def _dismiss(self) -> None:
        for actor in self._actors.values():
            actor.kill()

    # -- actors -------------------------------------------------------------------------------------------------

    def _fork(self) -> None:
        full = self.told.forks % WITH_EVIDENCE == 0
        self.told.forks += 1

        orders = self.orders

        def first() -> None:
            self._selector.close()
            gc.disable()  # a collection would copy every page that is shared with the crew
            CONTROLS[orders.control]()
            restless = random.Random(orders.seed + self.told.forks)
            Press.restless = lambda: (
                restless.uniform(0, orders.longest_restless) * (restless.random() < orders.restless)
            )
            if not full:
                without_evidence()

        actor = fork_actor(self._work, [a.channel for a in self._actors.values()], first)
        self._actors[actor.pid] = actor
        self._selector.register(actor.channel, selectors.EVENT_READ, actor)

    def _kill(self, actor: Actor) -> None:
        self._selector.unregister(actor.channel)
        actor.kill()
        del self._actors[actor.pid]
        self._progress = time.monotonic()
        doing = actor.doing
        assert doing is not None
        self.told.kills += 1
        if "ask_for" in doing:
            self.told.kills_in_request += 1
        if not actor.given_away:
            self._next(doing)
        self._fork()

    # -- what there is to do ------------------------------------------------------------------------------------

    def _more_to_do(self) -> bool:
        return self._strikes_left or bool(self._open) or bool(self._asked_for)

    @property
    def _strikes_left(self) -> bool:
        """Pauses alone count where nobody is to be killed."""
        done = self.told.pauses if self.orders.paused_share == 1 else self.told.kills
        return done < self.orders.kills

    def _later(self, seconds: float, message: dict[str, Any]) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._order), message))

    def _next(self, message: dict[str, Any]) -> None:
        """Before all others: what is taken over while its last change is still on its way is the hard case."""
        heapq.heappush(self._waiting, (0.0, next(self._order), message))

    def _ask_for_more(self) -> None:
        wanted = self.orders.actors * OPEN_FOR_EACH
        while self._strikes_left and len(self._open) + self._asked_for * ASKED_AT_ONCE < wanted:
            numbers = list(range(self.told.numbers, self.told.numbers + ASKED_AT_ONCE))
            self.told.numbers += ASKED_AT_ONCE
            self._asked_for += 1
            self._later(0, {"ask_for": numbers})

    def _give_out(self) -> None:
        now = time.monotonic()
        while self._idle and self._waiting and self._waiting[0][0] <= now:
            message = heapq.heappop(self._waiting)[2]
            if "run" in message and message["run"] not in self._open:
                continue  # another attempt has ended it meanwhile
            actor = self._idle.pop()
            actor.tell(message)
            if "run" in message:
                self.told.attempts += 1
            self._strike_some_time(actor)

    # -- striking -----------------------------------------------------------------------------------------------

    def _strike_some_time(self, actor: Actor) -> None:
        due = time.monotonic() + self._chance.expovariate(1 / self._mean_life)
        heapq.heappush(self._clock, (due, next(self._order), "strike", actor, actor.turn))

    def _strike_when_due(self) -> None:
        now = time.monotonic()
        while self._clock and self._clock[0][0] <= now:
            _, _, what, actor, turn = heapq.heappop(self._clock)
            if self._actors.get(actor.pid) is not actor:
                continue
            if actor.turn != turn or actor.doing is None:  # it was done in time
                if what in ("end", "wake"):  # by an answer that it gave right before it was paused
                    os.kill(actor.pid, signal.SIGCONT)
                continue
            match what:
                case "strike" if not self._strikes_left:
                    continue  # what is left is let to its end
                case "strike" if "run" in actor.doing and self._chance.random() < self.orders.paused_share:
                    self._adapt(struck=True)
                    self._pause(actor, now)
                case "strike" | "end":
                    self._adapt(struck=True)
                    self._kill(actor)
                case "wake":
                    os.kill(actor.pid, signal.SIGCONT)
                    if self.orders.paused_share < 1:  # what it does after a long sleep is worth a kill as well
                        self._strike_some_time(actor)

    def _pause(self, actor: Actor, now: float) -> None:
        os.kill(actor.pid, signal.SIGSTOP)
        self.told.pauses += 1
        if not actor.given_away:
            assert actor.doing is not None
            actor.given_away = True
            self._next(actor.doing)
        until = now + self._chance.uniform(0, self.orders.longest_stop)
        what = "end" if self._chance.random() < self.orders.killed_after_pause else "wake"
        heapq.heappush(self._clock, (until, next(self._order), what, actor, actor.turn))

    def _adapt(self, *, struck: bool) -> None:
        """The mean time until a strike follows how many are struck: a slow machine gets the same share as a fast."""
        self._mean_life *= 1 + 0.05 * (struck - self.orders.killed_share)

    # -- answers ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        now = time.monotonic()
        due = [now + LONGEST_PAUSE]
        if self._clock:
            due.append(self._clock[0][0])
        if self._waiting and self._idle:
            due.append(self._waiting[0][0])
        for key, _ in self._selector.select(max(0.0, min(due) - now)):
            actor: Actor = key.data
            if self._actors.get(actor.pid) is not actor:
                continue
            came = actor.channel.recv(65536)
            if not came:
                raise RuntimeError(f"actor {actor.pid} died by itself while doing {actor.doing}")
            actor.rest += came
            while b"\n" in actor.rest:
                line, _, actor.rest = actor.rest.partition(b"\n")
                self._answered(actor, json.loads(line))

    def _answered(self, actor: Actor, answer: dict[str, Any]) -> None:
        given_away, actor.given_away, actor.doing = actor.given_away, False, None
        self._idle.append(actor)
        self._progress = time.monotonic()
        if not answer.get("ready") and not answer.get("still_at_work"):
            self._adapt(struck=False)
        if "made" in answer:
            self._asked_for -= 1
            self._open.update(answer["made"])
            for run_id in answer["made"]:
                self._later(0, {"run": run_id})
        elif "ended" in answer:
            self._ended(answer["run"], answer["ended"])
        elif "retry" in answer:
            self._told_to_retry(answer, given_away)

    def _ended(self, run_id: int, word: str) -> None:
        self._open.discard(run_id)
        if word != "ended":
            self.told.changed_endings += self.told.endings.get(run_id, word) != word
            self.told.endings[run_id] = word
        self._evidence.append((time.monotonic(), run_id))

    def _sweep(self) -> None:
        """Evidence of tens of thousands of runs fills a disk; one that is paused may still write some of an old run."""
        while self._evidence and time.monotonic() - self._evidence[0][0] > KEEP_EVIDENCE:
            shutil.rmtree(self._settings.evidence_dir / str(self._evidence.popleft()[1]), ignore_errors=True)

    def _told_to_retry(self, answer: dict[str, Any], given_away: bool) -> None:
        if answer.get("still_at_work"):
            self.told.still_at_work += 1
        elif broke := answer.get("broke"):
            self.told.broke[broke[:200]] = self.told.broke.get(broke[:200], 0) + 1
        else:
            self.told.retries += 1
        if not given_away:
            self._later(min(answer["retry"], LONGEST_PAUSE), {"run": answer["run"]})


def main() -> None:
    logger.remove()
    orders = Orders(**json.loads(sys.stdin.readline()))
    told = Crew(orders).work()
    print(json.dumps(asdict(told)), flush=True)


if __name__ == "__main__":
    main()
