"""A tutorial in Markdown, carried out as a person would who does exactly what it says and looks at what comes.

Each of its blocks has one of these beginnings:

- ``sh``: commands, which must succeed. ``sh exit=3``: … must end so. ``sh stays``: … go on, as in a terminal of their
  own, until the tutorial is over. ``sh long``: … take their time, and are left out of the short way through
  (``sh long exit=2``).
- ``text``: what is seen then, line by line and in this order; … is what may differ.
- ``python tasks/x.py``, ``toml config/x.toml``: a file that is written. ``toml config/x.toml under [svea]``: lines that
  are put in after the one that reads so.

``--case-number …`` in a command stands for the value that an earlier command has shown after those words.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

SECONDS = 900
_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LEFT_OPEN = re.compile(r"(--[a-z-]+) …")


@dataclass(frozen=True)
class Block:
    """``prose`` is what stands between the block and the one before it."""

    language: str
    told: str
    text: str
    line: int
    prose: str


def blocks_of(markdown: str) -> list[Block]:
    found, end = [], 0
    for block in _BLOCK.finditer(markdown):
        line = markdown.count("\n", 0, block.start()) + 1
        found.append(Block(block[1], block[2] or "", block[3], line, markdown[end : block.start()]))
        end = block.end()
    return found


class Tutorial:
    """One way through, in a folder; ``whole`` does what takes its time as well."""

    def __init__(self, folder: Path, environment: dict[str, str], *, whole: bool = True) -> None:
        self.folder = folder
        self.environment = environment
        self.whole = whole
        self._seen = ""
        self._latest: str | IO[str] | None = None
        self._staying: subprocess.Popen[str] | None = None
        self._until_over = ExitStack()

    def carry_out(self, markdown: str) -> int:
        """How many blocks there were to carry out. Raises ``AssertionError`` where what is told is not so."""
        blocks = blocks_of(markdown)
        for block in blocks:
            try:
                self._carry_out(block)
            except AssertionError as error:
                raise AssertionError(f"line {block.line}, ``{block.language} {block.told}``: {error}") from error
        return len(blocks)

    def _carry_out(self, block: Block) -> None:
        words = block.told.split()
        match block.language:
            case "sh" if "long" in words and not self.whole:
                self._latest = None
            case "sh" if "stays" in words:
                self._stay(self._command(block))
            case "sh":
                self._run(self._command(block), int(block.told.partition("exit=")[2] or 0))
            case "text" if not words:
                self._see(block)
            case _ if words:
                self._write(block)
            case _:
                raise AssertionError("nobody has said what to do with this block")

    def _command(self, block: Block) -> str:
        def shown(left_open: re.Match[str]) -> str:
            values = re.findall(rf'{left_open[1]} ("[^"]+"|[^\s…]+)', self._seen)
            assert values, f"nothing has told what to write in the place of {left_open[0]}"
            return f"{left_open[1]} {values[-1]}"

        return _LEFT_OPEN.sub(shown, block.text)

    def _run(self, command: str, code: int) -> None:
        done = subprocess.run(
            ["bash", "-e", "-c", command], cwd=self.folder, env=self.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
        )  # fmt: skip
        assert done.returncode == code, f"ended with {done.returncode}:\n{done.stdout}"
        self._latest = done.stdout
        self._seen += done.stdout

    def _stay(self, command: str) -> None:
        output = self._until_over.enter_context(TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115  # it is
        self._staying = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environment, text=True,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._until_over.callback(_end, self._staying)
        self._latest = output

    def _see(self, block: Block) -> None:
        if self._latest is None:
            return  # the command was left out
        wanted = [line.strip() for line in block.text.splitlines() if line.strip() not in ("", "…")]
        assert wanted, "an empty promise"
        deadline = time.monotonic() + SECONDS / 10
        missing: str | None = ""
        while missing is not None:
            shown = self._shown()
            missing = first_missing(wanted, shown)
            if missing is not None:
                more = not isinstance(self._latest, str) and self._goes_on and time.monotonic() < deadline
                assert more, f"{missing!r} is not to be seen in:\n{shown}"
                time.sleep(0.1)  # another process writes; there is nothing to wait on but what it has written
        self._seen += shown

    @property
    def _goes_on(self) -> bool:
        return self._staying is not None and self._staying.poll() is None

    def _shown(self) -> str:
        assert self._latest is not None
        if isinstance(self._latest, str):
            return self._latest
        self._latest.seek(0)
        return self._latest.read()

    def _write(self, block: Block) -> None:
        name, _, under = block.told.partition(" under ")
        assert f"`{name}`" in block.prose, f"the reader is not told that this is {name}"
        file = self.folder / name
        text = block.text
        if under:
            lines = file.read_text("utf-8").splitlines(keepends=True)
            places = [place for place, line in enumerate(lines, 1) if line.strip() == under]
            assert len(places) == 1, f"{len(places)} lines of {name} read {under}"
            text = "".join([*lines[: places[0]], text, *lines[places[0] :]])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._until_over.close()


def _end(staying: subprocess.Popen[str]) -> None:
    """As Ctrl-C does; what does not listen to that is killed, with all that it has started."""
    if staying.poll() is None:
        staying.send_signal(signal.SIGINT)
    try:
        staying.wait(SECONDS / 10)
    except subprocess.TimeoutExpired:
        os.killpg(staying.pid, signal.SIGKILL)
        raise


def first_missing(wanted: list[str], shown: str) -> str | None:
    """The first of the wanted lines that does not come after those before it."""
    lines = iter(" ".join(line.split()) for line in shown.splitlines())
    for each in wanted:
        pattern = ".*".join(re.escape(" ".join(piece.split())) for piece in each.split("…"))
        if not any(re.fullmatch(rf"\s*{pattern}\s*", line) or re.fullmatch(pattern, line) for line in lines):
            return each
    return None
