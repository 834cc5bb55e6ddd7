"""The base of a system that is worked in by e-mail: read its mails as often as needed, send one once."""

from __future__ import annotations

import smtplib
import time
from email.message import EmailMessage

from robots.cases.email.post.servers import ACCEPTED, Folders, Servers, handing_in, look_up
from robots.cases.email.wire import Letter, Names, message_id
from robots.cases.stops import for_good
from robots.errors import SystemDown
from robots.fields import CaseNumber
from robots.systems.access import SystemAccess
from robots.systems.bench import Bench

INBOX = "INBOX"
PERMANENT = 500  # what a mail server refuses with this or more it has not taken, and will not
LOOK_AGAIN_SECONDS = 0.2


class Mailed(SystemAccess):
    """Base of ``Reader`` and ``Writer``. A mail counts only where the case system itself has sent it."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.names = Names.of(bench.settings.names)
        self._found: tuple[Servers, Folders] | None = None

    def close(self) -> None:
        if self._found:
            self._found[1].close()

    def letters(self, about: str = "") -> list[Letter]:
        """What the case system has mailed, oldest first; ``about`` a case, whose number stands in the subject."""
        found = self._mail()[1].letters(INBOX, about)
        mine = [letter for letter in found if letter.sender == self.names.address.casefold()]
        return [letter for letter in mine if not about or letter.text(self.names.number) == about]

    def receipts(self, case_number: CaseNumber, mark: str) -> list[Letter]:
        """What the case system has answered to the order that carries the mark: it was done, or why it was not."""
        return [letter for letter in self.letters(case_number)
                if letter.text(self.names.mark) == mark and letter.text(self.names.receipt)]  # fmt: skip

    def refused(self, receipt: Letter) -> bool:
        return receipt.text(self.names.receipt) == self.names.refused

    def awaits_answer(self, case_number: CaseNumber, mark: str) -> bool:
        """Whether a mail that carries the mark has left and has no answer yet.

        What has left is in the folder of what was sent. Until the case system has answered it nobody can tell whether
        it will do as it was told.
        """
        sent = self._mail()[1].letters(self.names.sent, case_number, heads=True)
        left = sum(letter.id == message_id(self.names, mark) for letter in sent)
        return left > len(self.receipts(case_number, mark))

    def commit(self, case_number: CaseNumber, message: EmailMessage) -> None:
        """The one mail that changes the system.

        Whatever the mail server says, the effect counts as made only when the case system's receipt is found.
        """
        making, bench, names = self.making(), self.bench, self.names
        mark, content = making.effect.mark, message.as_bytes()
        self.show_what_leaves("DATA", names.address, content)
        with handing_in(bench, self._mail()[0].smtp, names.sender, names.address, len(content)) as smtp:
            self.arm("mejlet är klart att skickas")
            bench.ledger.demand_still_armed(making.effect)
            code = self._delivered(smtp, content)
        making.answered = code == ACCEPTED
        self.note_answer(names.address, code)
        if code >= PERMANENT:
            raise self.turned_down(f"e-postservern tog inte emot mejlet ({code})")
        if code != ACCEPTED:
            raise SystemDown(f"{bench.title}: e-postservern svarar {code}.")
        self._mail()[1].file(names.sent, content)
        self._await_answer(case_number, mark)

    def _delivered(self, smtp: smtplib.SMTP, content: bytes) -> int:
        code, _ = smtp.data(content)
        return code

    def _await_answer(self, case_number: CaseNumber, mark: str) -> None:
        """Wait for the receipt until the system has settled. Raises ``EffectRefused`` when it says no for good."""
        deadline = time.monotonic() + self.bench.settings.settle_seconds
        while self.awaits_answer(case_number, mark):
            if time.monotonic() >= deadline:
                return
            self.pause(LOOK_AGAIN_SECONDS)
        answers = self.receipts(case_number, mark)
        if answers and self.refused(answers[-1]) and (words := for_good(answers[-1].text(self.names.reason))):
            raise self.turned_down(words)

    def _mail(self) -> tuple[Servers, Folders]:
        if self._found is None:
            servers = look_up(self.bench)
            self._found = servers, Folders(self.bench, servers.imap)
        return self._found
