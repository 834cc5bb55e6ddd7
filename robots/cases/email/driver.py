"""A case system by e-mail: it mails each case when it comes and when it has changed, and takes its orders by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from robots.cases.attachments import demand_open, no_such_attachment, whole
from robots.cases.contract import Attachment, Case, CaseRow, Status, newest_first
from robots.cases.email.post.mailed import Mailed
from robots.cases.email.wire import Letter, order, told_of
from robots.cases.named import demanded
from robots.cases.stops import (
    demand_asked,
    demand_changeable,
    demand_claimable,
    no_such_case,
    no_such_inbox,
)
from robots.errors import EffectUncertain, EffectUnverified, SeveralMatches
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.documents import Document
from robots.systems.once import effect


class Reader(Mailed):
    """What a robot may look at: a case is as the newest mail of it says."""

    def read(self, case_number: CaseNumber) -> Case:
        """The case as it was last mailed. Raises ``BusinessException`` when there is no such case."""
        return self._case(self._card(case_number))

    def find(
        self, *, citizen: PersonalNumber | None = None, words: str = "", also_closed: bool = False
    ) -> tuple[CaseRow, ...]:
        """The citizen's cases, the cases whose mail holds every word, or both."""
        demand_asked(citizen, words)
        wanted = words.casefold().split()
        return self._rows(
            card
            for card in self._cards()
            if citizen in (None, PersonalNumber.tidy(card.text(self.names.citizen)))
            and (also_closed or card.text(self.names.status) != self.names.closed)
            and all(word in card.everything.casefold() for word in wanted)
        )

    def inbox(self, name: str) -> tuple[CaseRow, ...]:
        """All open cases of the inbox. Raises ``BusinessException`` where no inbox of that name is configured."""
        if name not in [each.strip() for each in self.names.inboxes.split(",")]:
            raise no_such_inbox(name)
        return self._rows(
            card
            for card in self._cards()
            if card.text(self.names.inbox) == name and card.text(self.names.status) != self.names.closed
        )

    def attachments_of(self, case_number: CaseNumber) -> tuple[Attachment, ...]:
        """The files that the newest mail of the case tells of, whether it carries them or keeps them to itself."""
        return self._card(case_number).told_files(self.names)

    def download_attachment(self, case_number: CaseNumber, attachment: Attachment) -> Document:
        """The file as the newest mail of the case carries it. Raises ``BusinessException`` for a secret one."""
        demand_open(case_number, attachment)
        card = self._card(case_number)
        if attachment not in card.told_files(self.names):
            raise no_such_attachment(case_number, attachment)
        return whole(self, attachment, card.file(attachment))

    def find_claim(self, case_number: CaseNumber, mark: str) -> str | None:  # noqa: ARG002 - a handler has no mark
        """The handler's name, if that is the robot user."""
        card = self._card(case_number)
        return card.text(self.names.handler) if self.names.is_taken_by(card, self.bench.robot_user) else None

    def find_status(self, case_number: CaseNumber, status: Status, mark: str) -> str | None:  # noqa: ARG002 - as above
        """The status, if the case has it."""
        return status if self.read(case_number).status == status else None

    def find_event(self, case_number: CaseNumber, mark: str) -> str | None:
        """The number of the event that a mail of the case tells of, by its mark or by its name."""
        told = [letter for letter in self.letters(case_number)
                if mark in (letter.text(self.names.mark), letter.text(self.names.event))]  # fmt: skip
        event = self._one(case_number, mark, told)
        return demanded(event, self.names.event_number) if event else None

    def find_message(self, case_number: CaseNumber, documents: list[Document], mark: str) -> str | None:
        """The receipt of the sent message that carries the mark. Raises ``EffectUncertain`` where its attachments did
        not arrive as they were sent."""
        event = self._one(case_number, mark, self.receipts(case_number, mark))
        if event is None:
            return None
        if sorted(event.all(self.names.attachment)) != sorted(map(told_of, documents)):
            raise EffectUncertain(
                f"{self.bench.title} kvitterar andra bilagor i ärende {case_number} än de som skickades.",
                kind="Bilagorna kom inte fram hela",
                todo=f"Öppna meddelandet {event.text(self.names.message_receipt)} och jämför bilagorna.",
            )
        return demanded(event, self.names.message_receipt)

    def shows_events(self, case_number: CaseNumber, mark: str) -> bool:
        """Whether the mail of the case's registration is found: the positive control of ``find_event``.

        Raises ``EffectUnverified`` while what carries the mark may still be on its way.
        """
        if self.awaits_answer(case_number, mark):
            raise EffectUnverified("Mejlet är skickat men inte kvitterat.", self.bench.settings.settle_seconds)
        return any(letter.text(self.names.event) == self.names.registered for letter in self.letters(case_number))

    def _one(self, case_number: CaseNumber, mark: str, told: list[Letter]) -> Letter | None:
        """The mail of the one event that was made. The same event told twice is one, refusals are none."""
        made = {letter.text(self.names.event_number): letter for letter in told if not self.refused(letter)}
        if len(made) > 1:
            raise SeveralMatches(f"{self.bench.title}: {len(made)} händelser i {case_number} har {mark}.")
        return next(iter(made.values()), None)

    def _card(self, case_number: CaseNumber) -> Letter:
        cards = self._newest(self.letters(case_number))
        if case_number not in cards:
            raise no_such_case(case_number)
        return cards[case_number]

    def _cards(self) -> Iterable[Letter]:
        """Every case's. The server's own search would be asked for words, and each server means its own by that."""
        return self._newest(self.letters()).values()

    def _newest(self, letters: Iterable[Letter]) -> Mapping[str, Letter]:
        return {demanded(letter, self.names.number): letter for letter in letters if letter.text(self.names.title)}

    def _rows(self, cards: Iterable[Letter]) -> tuple[CaseRow, ...]:
        return newest_first(self.names.row(card) for card in cards)

    def _case(self, card: Letter) -> Case:
        self.bench.recorder.hide(card.text(self.names.applicant))
        return self.names.case(card)


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_claim, control=Reader.shows_events)
    def claim(self, case_number: CaseNumber, *, once: str) -> None:
        """Take the case. Raises ``BusinessException`` where a colleague has it."""
        card = self._card(case_number)
        case = self._case(card)
        demand_claimable(case, case.handler if self.names.is_taken_by(card, self.bench.robot_user) else "")
        self._order(case, self.names.claim, once)

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def add_note(self, case_number: CaseNumber, text: str, *, once: str) -> None:
        """Write a journal note."""
        case = self.read(case_number)
        demand_changeable(case, though_closed=True)
        self._order(case, self.names.note, once, text=self.bench.signed(text))

    @effect(found_by=Reader.find_message, control=Reader.shows_events)
    def send_message(
        self, case_number: CaseNumber, subject: str, text: str, documents: list[Document], *, once: str
    ) -> None:
        """Send the citizen a message with attachments."""
        case = self.read(case_number)
        demand_changeable(case)
        self._order(case, self.names.message, once, facts={self.names.subject: subject}, text=text, documents=documents)

    @effect(found_by=Reader.find_status, control=Reader.shows_events, may_wait=True)
    def set_status(self, case_number: CaseNumber, status: Status, *, once: str) -> None:
        """Set the case's status."""
        case = self.read(case_number)
        demand_changeable(case, though_closed=True)
        self._order(case, self.names.set_status, once, facts={self.names.status: self.names.statuses[status]})

    @effect(found_by=Reader.find_event, control=Reader.shows_events, may_wait=True)
    def hand_over(self, case_number: CaseNumber, reason: str, todo: str, *, once: str) -> None:
        """Give the case to whoever works in the inbox it lies in, with the reason and what to do."""
        case = self.read(case_number)
        demand_changeable(case)
        told = {self.names.inbox: case.inbox, self.names.todo: todo}
        self._order(case, self.names.hand_over, once, facts=told, text=reason)

    def _order(
        self,
        case: Case,
        command: str,
        mark: str,
        *,
        facts: Mapping[str, str] | None = None,
        text: str = "",
        documents: Sequence[Document] = (),
    ) -> None:
        mail = order(self.names, case.number, command, mark, facts=facts or {}, text=text, documents=documents)
        self.commit(case.number, mail)
