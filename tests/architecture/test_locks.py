"""Each advisory lock on the database has a number of its own: two that shared one would wait for each other."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.architecture.source import ROBOTS, project_files

NUMBER = re.compile(r"\b7_?246_?244_?\d{3}\b")


def test_no_two_files_use_the_same_lock() -> None:
    used: dict[int, set[Path]] = defaultdict(set)
    for file in project_files():
        if file.is_relative_to(ROBOTS):
            for number in NUMBER.findall(file.read_text("utf-8")):
                used[int(number.replace("_", ""))].add(file.relative_to(ROBOTS))
    assert len(used) > 1
    assert {number: files for number, files in used.items() if len(files) > 1} == {}
