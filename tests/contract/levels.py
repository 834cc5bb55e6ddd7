"""A system's level, computed from what passes: the contract suite writes it down when it is asked to (``make levels``).

A test belongs to the lowest level that needs it. A system has a level when everything that it needs has passed, for
every page and every change of the system, with nothing left out.
"""

from __future__ import annotations

import inspect
import os
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from robots.systems.level import PROVEN, Level, fingerprint
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
_NAME = re.compile(r"tests/contract/test_contract\w*\.py::(\w+)\[(.+)\]$")


class Levels:
    """What has passed and failed, by system and level. One process sees the reports of all."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, Level], int] = defaultdict(int)
        self.failed: set[tuple[str, Level]] = set()

    def hear(self, report: pytest.TestReport) -> None:
        told = _NAME.search(report.nodeid)
        if told is None or (report.passed and report.when != "call"):
            return
        for key in (system.key for system in EVERY):
            if re.search(rf"(?:^|-){key}(?:-|$)", told[2]):
                needed_by = (
                    Level.READS if told[1] in READS else Level.JOURNALS if told[1] in JOURNALS else Level.HARDENED
                )
                if report.passed:
                    self.passed[key, needed_by] += 1
                else:
                    self.failed.add((key, needed_by))

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
        tried = {key for key, _ in (*self.passed, *self.failed)}
        kept = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        lines = ["# What each driver has shown in the contract suite. Written by «make levels», never by hand.\n"]
        for system in sorted(EVERY, key=lambda s: s.key):
            if system.key not in tried and system.key in kept:
                level, tests, driver = (kept[system.key][name] for name in ("level", "tests", "driver"))
            else:
                level, tests = self.of(system.key)
                driver = fingerprint(Path(inspect.getfile(system.reader)).parent)
            lines.append(f'\n[{system.key}]\nlevel = "{level}"\ntests = {tests}\ndriver = "{driver}"\n')
        path.write_text("".join(lines), "utf-8")


LEVELS = Levels()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    LEVELS.hear(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get(WRITE) and not hasattr(session.config, "workerinput"):
        LEVELS.write()
