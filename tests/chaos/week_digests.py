"""The digests of the week as files that a person can read, and whether those of a new week say the same.

What may differ between two weeks is covered: the numbers of runs, which count what was tried as well; minutes, since
the week's clock is set but the machine takes its own time; and the order of cases, two of which are worked on at once.
``RAGNHILD_WRITE_DIGESTS=1`` writes the files anew, to be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from difflib import unified_diff
from email.message import EmailMessage
from pathlib import Path

from tests.chaos.table import Row, none, told
from tests.unit.told_people import as_file

KEPT = Path(__file__).parent / "week"
WRITE = "RAGNHILD_WRITE_DIGESTS"
MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
          "december")  # fmt: skip
# A digest's subject, with its day.
SUBJECT = re.compile(r"Robotarna (\d+) (\w+): ")
_RUN = re.compile(r"\bK-\d+")
# The digest's own hour, seven, is always the same.
_CLOCK = re.compile(r"\b(\d\d):(?!00\b)\d\d\b")
_CASES = re.compile(r"^  ((?:\w+-[\w-]+)(?:, \w+-[\w-]+)*)$", re.MULTILINE)


def day_of(mail: EmailMessage, year: int) -> date | None:
    """The day of a digest; None for any other mail."""
    named = SUBJECT.match(str(mail["Subject"]))
    return date(year, MONTHS.index(named[2]) + 1, int(named[1])) if named else None


def covered(words: str) -> str:
    """Without what may differ."""
    words = _RUN.sub("K-…", words)
    words = _CLOCK.sub(r"\1:…", words)
    return _CASES.sub(lambda found: "  " + ", ".join(sorted(found[1].split(", "))), words)


def digests(mails: Iterable[EmailMessage], year: int) -> dict[str, str]:
    """The files by name, one a day, with what each reader was told."""
    found: dict[str, list[str]] = {}
    for mail in mails:
        if day := day_of(mail, year):
            found.setdefault(f"digest-{day}.txt", []).append(covered(as_file(mail)).rstrip())
    return {name: "\n\n\n".join(sorted(told)) + "\n" for name, told in sorted(found.items())}


def held_against_kept(mails: Iterable[EmailMessage], year: int, kept: Path = KEPT) -> list[Row]:
    """Each day's, or that they were written down."""
    new = digests(mails, year)
    if os.environ.get(WRITE):
        kept.mkdir(exist_ok=True)
        for file in kept.glob("digest-*.txt"):
            file.unlink()
        for name, words in new.items():
            (kept / name).write_text(words, "utf-8")
        return [told(f"digests written in {kept.name}, to be read", len(new))]
    old = {file.name: file.read_text("utf-8") for file in kept.glob("digest-*.txt")}
    other = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return [
        none("days whose digests are not as kept", len(other), among=len(old)),
        *(told(f"    {line}", "") for name in other for line in _differences(name, old, new)),
    ]


def _differences(name: str, old: dict[str, str], new: dict[str, str]) -> list[str]:
    before, after = old.get(name, "").splitlines(), new.get(name, "").splitlines()
    return list(unified_diff(before, after, f"kept/{name}", f"new/{name}", lineterm="", n=0))
