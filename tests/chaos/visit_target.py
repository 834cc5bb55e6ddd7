"""``python -m tests.chaos.visit_target``: systems that know who is inside, and write down each who comes and goes.

Lines of JSON over TCP. The log is the judge. It ends when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any

from tests.chaos.target import Book


@dataclass(frozen=True)
class Opening:
    """Where it listens, where its logs are, and how long (at least, at most) it thinks about a question."""

    address: str
    log: str
    seed: int
    thinking: tuple[float, float] = (0.005, 0.04)


class Reception:
    """Who is inside which system, over all sessions."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._inside: dict[str, list[str]] = {}

    def enter(self, system: str, account: str, words: str) -> None:
        here = self._inside.setdefault(system, [])
        here.append(account)
        told = {"at": time.monotonic(), "system": system, "account": account, "words": words}
        told |= {"inside": len(here), "of_account": here.count(account)}
        self._log.write(json.dumps(told) + "\n")
        self._log.flush()

    def leave(self, system: str, account: str) -> None:
        self._inside[system].remove(account)


async def serve(opening: Opening, reception: Reception, book: Book) -> None:
    chance = random.Random(opening.seed)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside: dict[str, str] = {}

        def leave() -> None:
            while inside:
                reception.leave(*inside.popitem())

        try:
            while line := await reader.readline():
                asked: dict[str, Any] = json.loads(line)
                answer: dict[str, Any] = {"status": 200}
                match asked["do"]:
                    case "leave":
                        leave()
                    case "commit":
                        book.carry_out(asked["mark"], asked["words"], "plain")
                    case _:
                        if asked["system"] not in inside:
                            inside[asked["system"]] = asked["account"]
                            reception.enter(asked["system"], asked["account"], asked["words"])
                        await asyncio.sleep(chance.uniform(*opening.thinking))  # as a system takes its time
                        answer["hits"] = book.find(asked["words"])
                writer.write(json.dumps(answer).encode() + b"\n")
        finally:
            leave()
            writer.close()

    server = await asyncio.start_server(talk, opening.address, 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ended), sys.stdin)
    await ended.read()


@contextmanager
def open_systems(opening: Opening) -> Iterator[str]:
    """As a process of its own; gives address and port."""
    command = [sys.executable, "-m", "tests.chaos.visit_target", json.dumps(asdict(opening))]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as target:
        assert target.stdout
        try:
            yield f"{opening.address}:{target.stdout.readline().strip()}"
        finally:
            target.kill()


if __name__ == "__main__":
    told_at_start = Opening(**json.loads(sys.argv[1]))
    with Path(told_at_start.log).open("a") as visits, Path(f"{told_at_start.log}.orders").open("a") as orders:
        asyncio.run(serve(told_at_start, Reception(visits), Book(orders)))
