"""Where a robot stops in a case, in the same words for every case system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from robots.cases.contract import Case
from robots.errors import BusinessException, PageNotRecognised, RagnhildError, RecordLocked
from robots.fields import CaseNumber, PersonalNumber


def no_such_case(case_number: CaseNumber) -> BusinessException:
    return BusinessException(
        f"Ärendet {case_number} finns inte.", kind="Ärendet finns inte", todo="Kontrollera ärendenumret."
    )


def no_such_inbox(name: str) -> BusinessException:
    return BusinessException(
        f"Inkorgen «{name}» finns inte i ärendesystemet.",
        kind="Inkorgen finns inte",
        todo="Kontrollera inkorgens namn med den som förvaltar ärendesystemet.",
    )


LOCK = "låst av"  # what every case system says of a colleague who works in the case


def for_good(words: str) -> str:
    """What a case system said no with, or "" for a lock: whoever looks again meets that, and waits."""
    return "" if LOCK in words else words


def said_no(case_number: CaseNumber, words: str) -> RagnhildError:
    """For what a case system says of why a case cannot be changed now: a lock passes, everything else is a person's."""
    if not for_good(words):
        return RecordLocked(f"Ärende {case_number}: {words}")
    return BusinessException(words, kind="Ärendesystemet säger nej", todo="Läs vad ärendet säger och svara för hand.")


def demand_changeable(case: Case, *, though_closed: bool = False) -> None:
    """Raise while a colleague works in the case, and when it is closed, unless the change is one that it takes then."""
    if case.locked_by:
        raise said_no(case.number, f"Ärendet är låst av {case.locked_by}.")
    if case.closed and not though_closed:
        raise said_no(case.number, f"Ärendet {case.number} är avslutat.")


def demand_claimable(case: Case, me: str) -> None:
    """Raise unless the robot user, who is called ``me`` in the case system, may take the case."""
    demand_changeable(case)
    if case.handler not in ("", me):
        raise BusinessException(
            f"Ärendet {case.number} har redan en handläggare: {case.handler}.",
            kind="Någon annan har ärendet",
            todo=f"Låt {case.handler} göra klart ärendet, eller fördela om det.",
        )


def demand_asked(citizen: PersonalNumber | None, words: str) -> None:
    """Raise ``ValueError`` for a search that would find every case there is."""
    if citizen is None and not words.strip():
        raise ValueError("find needs a citizen or words")


@contextmanager
def as_cases_are_told() -> Iterator[None]:
    """Raises ``PageNotRecognised`` where what is read within is told otherwise than any case is: a number that cannot
    be, a day that no calendar has, something left out. Its words do not repeat what was told."""
    try:
        yield
    except (KeyError, ValueError, OverflowError):
        raise PageNotRecognised("Ärendesystemet berättar om ett ärende på ett sätt som roboten inte förstår.") from None


def demand_more(system: str, rows: Sequence[object], page: int, pages: int) -> None:
    """Raise where a page has nothing and more are said to follow: whoever goes on would ask for them without end."""
    if not rows and page < pages:
        raise PageNotRecognised(f"{system} visar ingenting på sida {page} av {pages}.")


def demand_whole(system: str, rows: Sequence[str], totals: Sequence[int]) -> None:
    """Raise unless the list was read whole: what comes or goes meanwhile moves the others between its pages.

    ``rows`` are what each is known by, ``totals`` how many there were to be by each of the pages.
    """
    if any(total != len(rows) for total in totals) or len(set(rows)) != len(rows):
        told = " och ".join(str(total) for total in sorted(set(totals)))
        raise PageNotRecognised(f"{system} säger {told} rader men visade {len(set(rows))}.")
