"""Commands in the test's own process, for those that only read and write in the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.cli import main as command_line

Say = Callable[..., tuple[int, str]]


def saying(capsys: pytest.CaptureFixture[str], *command: str) -> Say:
    """Carries out ``command`` with the words that it is given: its exit code, and all that it says."""

    def carry_out(*line: object) -> tuple[int, str]:
        code = command_line.carry_out([*command, *(str(word) for word in line)])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return carry_out
