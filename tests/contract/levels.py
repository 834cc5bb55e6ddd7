"""A system's level, computed from what passes: the contract suite writes it down when it is asked to (``make levels``).

A test belongs to the lowest level that needs it. A system has a level when everything that it needs has passed, for
every page and every change of the system, with nothing left out. What is tried of one system alone, the contract of the
case systems and a system's own file among it, belongs to the highest.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from robots.systems.level import PROVEN, Level, base_fingerprint, fingerprint
from tests.contract.systems import EVERY

# Set, the levels are written; the suite is then run whole.
WRITE = "RAGNHILD_WRITE_LEVELS"
READS = {
    "test_logs_in_once_and_keeps_the_session", "test_tries_a_wrong_password_once_in_all", "test_sees_absence",
    "test_refuses_another_page_than_it_asked_for", "test_a_reader_has_nothing_that_writes",
}  # fmt: skip
JOURNALS = {
    "test_every_change_of_a_writer_is_in_this_suite", "test_a_user_without_the_right_finds_no_way_to_write",
    "test_asked_for_again_it_is_made_once", "test_a_dry_run_changes_nothing_and_shows_the_form",
}  # fmt: skip
FOLDER = "tests/contract"
_NAME = re.compile(rf"{FOLDER}/test_(\w+)\.py::(\w+)(?:\[(.+)\])?$")


def needed_by(node: str) -> list[tuple[str, Level]]:
    """The systems that a test tries, each with the level that needs it. None for what tries no system."""
    if (told := _NAME.search(node)) is None:
        return []
    file, name, about = told.groups()
    level = Level.HARDENED
    if file.startswith("contract"):
        level = Level.READS if name in READS else Level.JOURNALS if name in JOURNALS else level
    return [
        (system.key, level) for system in EVERY
        if system.key == file or re.search(rf"(?:^|-){system.key}(?:-|$)", about or "")
    ]  # fmt: skip


class Levels:
    """What has passed and failed, by system and level. One process sees the reports of all."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, Level], int] = defaultdict(int)
        self.failed: set[tuple[str, Level]] = set()
        self._heard: set[str] = set()

    def hear(self, report: pytest.TestReport) -> None:
        self._heard.add(report.nodeid)
        if report.passed and report.when != "call":
            return
        for each in needed_by(report.nodeid):
            if report.passed:
                self.passed[each] += 1
            else:
                self.failed.add(each)

    def demand(self, nodes: Iterable[str]) -> None:
        """What is there to be tried of a system, and was not, has failed: its level says nothing of it."""
        for node in set(nodes) - self._heard:
            self.failed.update(needed_by(node))

    def of(self, key: str) -> tuple[Level, int]:
        """The highest level below which nothing has failed, and how many tests have passed."""
        reached = Level.UNPROVEN
        for level in (Level.READS, Level.JOURNALS, Level.HARDENED):
            if (key, level) in self.failed or not self.passed[key, level]:
                break
            reached = level
        return reached, sum(self.passed[key, level] for level in Level)

    def write(self, path: Path = PROVEN) -> None:
        """A system of which nothing was tried keeps what it has shown: whoever tries one says nothing of the others."""
        tried = {key for key, _ in self.passed} | {key for node in self._heard for key, _ in needed_by(node)}
        kept = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        lines = ["# What each driver has shown in the contract suite. Written by «make levels», never by hand.\n"]
        for system in sorted(EVERY, key=lambda s: s.key):
            if system.key not in tried and system.key in kept:
                told = kept[system.key]
            else:
                level, tests = self.of(system.key)
                driver = fingerprint(Path(inspect.getfile(system.reader)).parent)
                told = {"level": str(level), "tests": tests, "driver": driver, "base": base_fingerprint()}
            lines += [f"\n[{system.key}]\n", *(f"{name} = {json.dumps(value)}\n" for name, value in told.items())]
        path.write_text("".join(lines), "utf-8")


LEVELS = Levels()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    LEVELS.hear(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get(WRITE) and not hasattr(session.config, "workerinput"):
        LEVELS.demand(_all_there_is())
        LEVELS.write()


def _all_there_is() -> list[str]:
    """The names of all tests of the contract, whatever was chosen this time."""
    every = ("-m", "long or not long", "-n", "0", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *every, FOLDER]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {WRITE: ""})
    return [line for line in told.stdout.splitlines() if line.startswith(FOLDER)]
