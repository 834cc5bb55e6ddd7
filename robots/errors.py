"""What can go wrong, and who has to act.

::

    RagnhildError
    ├── WrongInput               what was typed cannot be right; nothing was changed        (exit 2)
    │   └── TooManyFailures      so many wrong passwords that nobody is let in for a while
    ├── ConfigurationError       config/, tasks/ or secrets are wrong; an admin mends it    (exit 2)
    │   └── AccessDenied         the robot was not given this right in config/access.toml
    ├── BusinessException        a person is needed; never tried again                      (exit 3)
    │   ├── EffectRefused        the system said no, in its own words
    │   ├── EffectDuplicate      the same change is there twice
    │   ├── EffectUncertain      nobody can tell whether the change was made
    │   ├── ProtectedPerson      somebody whose identity is protected: no word of who
    │   └── FileNotHeld          a file was to be handed on that did not come out of a system
    ├── ApplicationException     technical; tried again                                     (exit 1)
    │   ├── SystemDown           no answer, or the system says that it is closed
    │   ├── SessionLost          logged out in the middle
    │   ├── LoginFailed          the system did not let the robot in; never tried twice
    │   ├── PageNotRecognised    not the page that was asked for
    │   │   ├── NotSeen          neither the thing nor the page's words of its absence
    │   │   ├── SeveralMatches   more than one thing fits; a robot does not choose
    │   │   ├── ValueNotKept     a field did not keep what was filled in
    │   │   └── AddressRefused   it led to an address that is not one of the system's
    │   ├── RecordLocked         a colleague works in the case right now
    │   ├── TakenMeanwhile       what was free when it was read is somebody else's now
    │   ├── DownloadBroken       a file came cut short or is not what it should be
    │   ├── EffectUnverified     sent, not yet seen; looked for again when the system has settled
    │   ├── EffectLost           another attempt has taken the change over
    │   ├── CommitsStopped       a person has stopped all changes; tried again when that is over
    │   ├── SecretsUnavailable   a vault with passwords does not answer
    │   ├── NotTaken             a mail server or a webhook did not take a message to a person
    │   └── BrowserLost          the browser or its driver ended
    ├── EvidenceUnreadable       a file of a run's evidence is changed, or its key is destroyed
    ├── NotStarted               the task may not be started now, or not by who asks; nothing was changed
    ├── RunCancelled             a person stopped the run; no further change is made
    ├── ApprovalNeeded           a person is to look at what is about to be sent; not an error
    └── DryRunStop               a dry run stands in front of its commit; not an error

Messages are for people: what happened, where, and what to do now. Those of ``BusinessException`` are read by
guides and are Swedish, since a task is the municipality's own text.
"""

from __future__ import annotations


def marked(words: str) -> str:
    """Marks a sentence in code for translation, by the name ``_``; it is translated where it is shown."""
    return words


# What stands in the place of a value that is not shown.
COVERED = "▮▮▮"


class RagnhildError(Exception):
    """The root of everything the toolkit raises on purpose.

    ``left`` is the effect that could not be made, where what the run is for is done and that only tells of it.
    """

    exit_code = 1
    left = ""


class WrongInput(RagnhildError):
    """What was typed cannot be right: ``field``, ``value`` and what was ``expected``."""

    exit_code = 2

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field}: {value!r} går inte att använda. {expected}")
        self.field = field
        self.value = value
        self.expected = expected


class TooManyFailures(WrongInput):
    """So many wrong passwords lately that nobody is let in by that name for a while, whatever they type."""


class ConfigurationError(RagnhildError):
    """Something an admin wrote is wrong; says in which file and, where known, on which line."""

    exit_code = 2

    def __init__(self, message: str, file: str = "", line: int | None = None) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message)
        self.file = file
        self.line = line


class AccessDenied(ConfigurationError):
    """The robot was not given the access level that the task's signature asks for."""


class BusinessException(RagnhildError):
    """A person is needed.

    ``reason`` says why, ``todo`` what that person should do. ``kind`` is the short name under which
    handovers of the same sort are counted; without one the reason itself is used.
    """

    exit_code = 3

    def __init__(self, reason: str, *, todo: str = "", kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.todo = todo
        self.kind = kind or reason


class EffectRefused(BusinessException):
    """The system refused the change, in its own words."""


class EffectDuplicate(BusinessException):
    """The same change stands twice in the system."""


class EffectUncertain(BusinessException):
    """Sent, but nobody can tell whether the change was made, and repeating it could make it twice."""


class FileNotHeld(BusinessException):
    """A task wanted to hand on a file that the run has not fetched out of a system."""


class ProtectedPerson(BusinessException):
    """Somebody in the case has an identity that is protected. Nothing in it tells who, where, or by which number."""

    def __init__(self, reason: str = "Någon i ärendet har skyddade personuppgifter.") -> None:
        super().__init__(
            reason,
            kind="Skyddade personuppgifter",
            todo="Handlägg ärendet för hand enligt rutinen för skyddade personuppgifter.",
        )


class ApplicationException(RagnhildError):
    """Technical: tried again, from the top, after a while."""

    kind = "Tekniskt fel"
    todo = "Gör klart ärendet för hand och meddela robotägaren."


class SystemDown(ApplicationException):
    """The system does not answer, or says that it is closed. ``retry_after`` is in seconds."""

    kind = "Systemet svarar inte"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SessionLost(ApplicationException):
    """The robot was logged out in the middle of its work."""

    kind = "Utloggad"


class LoginFailed(ApplicationException):
    """The system did not let the robot in. A password is never tried twice."""

    kind = "Inloggningen gick inte"
    todo = "Gör klart ärendet för hand. Robotägaren kontrollerar robotens inloggning."


class PageNotRecognised(ApplicationException):
    """The page is not the one that was asked for."""

    kind = "Sidan ser inte ut som väntat"


class NotSeen(PageNotRecognised):
    """Neither the thing nor the page's own words of its absence came."""


class SeveralMatches(PageNotRecognised):
    """More than one thing fits the description; a robot does not choose."""


class ValueNotKept(PageNotRecognised):
    """A field did not keep what was filled in."""


class AddressRefused(PageNotRecognised):
    """A page led to an address that is not one of the system's; nothing was sent there."""

    kind = "Adress utanför systemet"
    todo = (
        "Gör klart ärendet för hand. Robotägaren ser efter om adressen hör till systemet (also i systems.toml) eller "
        "om sidan är ändrad av någon annan."
    )


class RecordLocked(ApplicationException):
    """A colleague works in the case, or in the record, right now."""

    kind = "Låst av en kollega"


class TakenMeanwhile(ApplicationException):
    """What was free when it was read (a time, a place) is somebody else's now; read anew, another one is free.

    A task raises it where any free one will do. Where the citizen wants just that one, a person is needed.
    """

    kind = "Någon annan var snabbare"
    todo = "Välj en annan tid tillsammans med den sökande."


class DownloadBroken(ApplicationException):
    """A file came cut short, or is not of the kind it should be."""

    kind = "Filen gick inte att hämta"


class EffectUnverified(ApplicationException):
    """The change was sent but could not be seen; looked for again after ``settle`` seconds, never just repeated."""

    kind = "Åtgärden kunde inte bekräftas"

    def __init__(self, message: str, settle: float) -> None:
        super().__init__(message)
        self.settle = settle


class EffectLost(ApplicationException):
    """The ledger was not in the state that this process believed; another attempt has taken over."""


class CommitsStopped(ApplicationException):
    """The emergency stop: no change leaves. The run goes on when a person lifts it."""


class SecretsUnavailable(ApplicationException):
    """A source of secrets does not answer. What it holds is not guessed from another source."""

    kind = "Lösenordskällan svarar inte"
    todo = "Gör klart ärendet för hand. Den som sköter robotarna ser till att lösenordskällan svarar."


class NotTaken(ApplicationException):
    """A message to a person was not taken where it was to be handed in; tried again later."""


class BrowserLost(ApplicationException):
    """The browser or its driver ended."""

    kind = "Webbläsaren stannade"


class EvidenceUnreadable(RagnhildError):
    """A file of a run's evidence cannot be opened: changed, moved, or its key is destroyed by decision."""


class NotStarted(RagnhildError):
    """The task may not be started now, or not by who asks; the words say why."""


class RunCancelled(RagnhildError):
    """A person stopped the run; what was done stands, nothing more is made."""


class ApprovalNeeded(RagnhildError):
    """The run stands in front of a change that a person is to look at first. ``what`` is the change."""

    exit_code = 0

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class DryRunStop(RagnhildError):
    """A dry run stands in front of its commit. ``what`` is the change that was not made."""

    exit_code = 0

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def in_full(error: BaseException, reason: str) -> str:
    """The reason that a person reads, which begins with what is done where only a little is left."""
    left = getattr(error, "left", "")
    return f"Det som skulle göras är gjort. Kvar är «{left}»: {reason}" if left else reason
