"""What «ragnhild new system» writes works at once, before an admin has changed a word, and is as the house wants it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.journey.checkout import copy_checkout, environment_in
from tests.journey.commands import SECONDS

Type = Callable[[str], str]
# One comes before, and one after, all that stands beside it in the driver's imports.
NAMES = ("anchorages", "zoo")
TITLE = "Ett så långt namn på ett system som det får vara"


@pytest.fixture(scope="module")
def typed() -> Iterator[Type]:
    """Types a command, which must succeed, in a copy of the checkout with two new systems."""
    with TemporaryDirectory(prefix="ragnhild-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL has a user of its own when the tests are started as root
        checkout = Path(folder) / "checkout"
        copy_checkout(checkout)
        environment = environment_in(checkout, checkout.parent)

        def type_there(command: str) -> str:
            told = subprocess.run(
                shlex.split(command), cwd=checkout, env=environment, capture_output=True, text=True, check=False,
                timeout=SECONDS * 3,
            )  # fmt: skip
            assert told.returncode == 0, told.stdout + told.stderr
            return told.stdout

        type_there("git init --quiet")  # the architecture tests ask it which files there are
        for name in NAMES:
            type_there(f"ragnhild new system {name} --title '{TITLE}'")
        yield type_there


@pytest.mark.browser
@pytest.mark.long
def test_its_own_test_passes(typed: Type) -> None:
    assert "6 passed" in typed("pytest -q tests/unit/test_zoo.py")


@pytest.mark.parametrize(
    "command",
    [
        "ragnhild check",
        *(
            pytest.param(each, marks=pytest.mark.long)
            for each in (
                "ruff check robots/systems tests/unit",
                "ruff format --check robots/systems tests/unit",
                "pytest -q tests/architecture -k 'layers and (system or downwards) or shape and (system or effect)'",
                "mypy",
            )
        ),
    ],
)
def test_it_is_as_the_house_wants_it(command: str, typed: Type) -> None:
    assert typed(command)
