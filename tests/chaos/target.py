"""A target system that answers in a fraction of a millisecond and often badly: ``python -m tests.chaos.target``.

It knows nothing of robots. It takes orders, each with a mark, writes every one that it carries out to a log of its own
that is only ever added to, and answers searches by mark. With the given probability something goes wrong, by a seed.
The log is the judge of the tests. It ends when its standard input ends, and then tells what it did to whom.

One thing is certain, as it is for a system whose ``settle_seconds`` is set rightly: what it has not carried out within
``latest`` seconds after it left the sender, it never carries out.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ALWAYS_THERE = "alltid"
# Of a request that changes something: what goes wrong, and whether it is carried out all the same.
CHANGE_FAULTS = {
    "answer lost before": False, "500 before": False, "503": False, "answer lost after": True, "half an answer": True,
    "500 after": True, "late": True, "slow": True,
}  # fmt: skip
SEARCH_FAULTS = ("search 500", "search lost", "search slow")
SLOW_SECONDS = (0.01, 0.2)


@dataclass(frozen=True)
class Habits:
    """``faults``: how many of a hundred changes meet one; ``search_faults`` likewise; ``blank``: sessions going blind.

    A blind session finds nothing any more, not even what is always there, until its end. ``lateness`` is how long
    after the connection is gone a late change is carried out, at least and at most.
    """

    log: str
    socket: str
    seed: int
    latest: float
    lateness: tuple[float, float]
    faults: float = 30.0
    search_faults: float = 10.0
    blank: float = 5.0


class Book:
    """What was carried out, in memory and in the log."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._receipts: dict[str, list[str]] = {ALWAYS_THERE: ["O-0"]}
        self._carried_out = 0

    def carry_out(self, mark: str, words: str, how: str) -> str:
        self._carried_out += 1
        receipt = f"O-{self._carried_out}"
        self._log.write(json.dumps({"receipt": receipt, "mark": mark, "words": words, "how": how}) + "\n")
        self._log.flush()
        self._receipts.setdefault(mark, []).append(receipt)
        return receipt

    def find(self, words: str) -> list[str]:
        return self._receipts.get(words, [])


class Target:
    """The book, and chance."""

    def __init__(self, habits: Habits, book: Book) -> None:
        self.habits = habits
        self.book = book
        self.chance = random.Random(habits.seed)
        self.counted: Counter[str] = Counter()

    def happens(self, percent: float) -> bool:
        return self.chance.random() * 100 < percent

    def order(self, asked: dict[str, Any], how: str) -> bool:
        """Carry it out, unless it has been too long on its way."""
        if time.monotonic() - asked["left"] > self.habits.latest:
            self.counted["too old, not carried out"] += 1
            return False
        self.book.carry_out(asked["mark"], asked["words"], how)
        self.counted["carried out"] += 1
        return True


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._rest = b""
        self._blind_after = target.chance.randrange(6) if target.happens(target.habits.blank) else None
        self._searches = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while b"\n" in self._rest:
            line, _, self._rest = self._rest.partition(b"\n")
            asked = json.loads(line)
            self._change(asked) if asked["do"] == "commit" else self._search(asked)

    def _change(self, asked: dict[str, Any]) -> None:
        target = self._target
        fault = target.chance.choice(list(CHANGE_FAULTS)) if target.happens(target.habits.faults) else ""
        target.counted["changes"] += 1
        target.counted[fault] += 1
        if fault == "late":
            self._transport.abort()
            lateness = target.chance.uniform(*target.habits.lateness)
            asyncio.get_running_loop().call_later(lateness, target.order, asked, "late")
            return
        done = CHANGE_FAULTS.get(fault, True) and target.order(asked, fault or "plain")
        match fault:
            case "answer lost before" | "answer lost after":
                self._transport.abort()
            case "half an answer":
                self._transport.write(b'{"status": 20')
                self._transport.close()
            case "500 before" | "500 after":
                self._answer({"status": 500})
            case "503":
                self._answer({"status": 503})
            case "slow":
                self._answer_slowly({"status": 200})
            case _:
                self._answer({"status": 200 if done else 410})

    def _search(self, asked: dict[str, Any]) -> None:
        target = self._target
        fault = target.chance.choice(SEARCH_FAULTS) if target.happens(target.habits.search_faults) else ""
        target.counted["searches"] += 1
        target.counted[fault] += 1
        self._searches += 1
        blind = self._blind_after is not None and self._searches > self._blind_after
        target.counted["blind searches"] += blind
        answer = {"status": 200, "hits": [] if blind else target.book.find(asked["words"])}
        match fault:
            case "search 500":
                self._answer({"status": 500})
            case "search lost":
                self._transport.abort()
            case "search slow":
                self._answer_slowly(answer)
            case _:
                self._answer(answer)

    def _answer(self, answer: dict[str, Any]) -> None:
        self._transport.write(json.dumps(answer).encode() + b"\n")

    def _answer_slowly(self, answer: dict[str, Any]) -> None:
        pause = self._target.chance.uniform(*SLOW_SECONDS)
        asyncio.get_running_loop().call_later(pause, self._answer, answer)


async def serve(target: Target) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Session(target), target.habits.socket, backlog=1000)
    print("ready", flush=True)
    ended = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ended), sys.stdin)
    await ended.read()
    await asyncio.sleep(target.habits.latest)  # what is late is carried out by then, or never
    server.close()


def main() -> None:
    habits = Habits(**json.loads(sys.argv[1]))
    with Path(habits.log).open("a", encoding="utf-8") as log:
        target = Target(habits, Book(log))
        asyncio.run(serve(target))
    del target.counted[""]
    print(json.dumps(target.counted), flush=True)


if __name__ == "__main__":
    main()
