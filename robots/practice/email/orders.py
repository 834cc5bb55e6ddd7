"""What the case system does with a mail that orders something: it carries it out, or says in words why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage

from robots.practice.case_management.dealings import Dealings, NotDoneError, obstacle
from robots.practice.case_management.state import INBOXES, STATUSES, Attachment, CaseFile, Register
from robots.practice.email.letters import facts_in, receipt
from robots.practice.sessions import User

# The address that faults know each command by, and the name of the change in the rules of cases.
PATHS = {
    "Anteckning": ("/anteckning", "note"), "Meddelande till medborgaren": ("/meddelande", "message"),
    "Ta": ("/ta", "claim"), "Status": ("/status", "status"), "Fördela": ("/fordela", "handover"),
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """One mail, read. ``files`` are (name, content type, content)."""

    id: str
    command: str
    case_number: str
    told: dict[str, str]
    text: str
    files: tuple[tuple[str, str, bytes], ...]

    @property
    def path(self) -> str:
        return PATHS.get(self.command, ("/okand", ""))[0]

    @property
    def mark(self) -> str:
        return self.told.get("Märkning", "")


def read_order(message: EmailMessage) -> Order:
    """The case number stands in the subject, the command and its facts in the mail's first lines."""
    body = message.get_body(("plain",))
    told, text = facts_in(body.get_content() if body else "")
    files = tuple(
        (part.get_filename() or "", part.get_content_type(), part.get_payload(decode=True) or b"")
        for part in message.iter_attachments()
    )
    number = str(message["Subject"] or "").partition(" ")[0]
    return Order(str(message["Message-ID"] or "").strip(), told.get("Kommando", ""), number, told, text, files)  # type: ignore[arg-type]  # get_payload of a leaf is bytes


class Orders:
    """Carries orders out. What a mail changed is remembered by its Message-ID: the same mail again is dropped.

    ``cuts_files``: the last byte of every attachment is lost on the way.
    """

    def __init__(self, register: Register, dealings: Dealings) -> None:
        self.drops_repeats = True
        self.cuts_files = False
        self.dropped = 0
        self._register = register
        self._dealings = dealings
        self._done: set[str] = set()
        self._handlers: dict[str, Callable[[CaseFile, User, Order, list[Attachment]], Awaitable[None]]] = {
            "note": self._note, "message": self._message, "claim": self._claim, "status": self._status,
            "handover": self._hand_over,
        }  # fmt: skip

    async def carry_out(self, order: Order, user: User, *, may_change: bool) -> bytes | None:
        """The receipt, or None for a mail that has been carried out before."""
        if order.id in self._done and self.drops_repeats:
            self.dropped += 1
            return None
        self._done.add(order.id)
        try:
            case = self._demanded_case(order, may_change=may_change)
            end = -1 if self.cuts_files else None
            files = [self._register.keep_file(name, kind, content[:end]) for name, kind, content in order.files]
            await self._handlers[PATHS[order.command][1]](case, user, order, files)
        except NotDoneError as error:
            self._done.discard(order.id)  # it has changed nothing, and may be ordered again
            return receipt(order.case_number, order.id, order.mark, None, refused=error.words)
        return receipt(order.case_number, order.id, order.mark, case.events[-1], files=files)

    def _demanded_case(self, order: Order, *, may_change: bool) -> CaseFile:
        case = self._register.cases.get(order.case_number)
        if not may_change:
            raise NotDoneError("Avsändaren saknar behörighet att ändra i ärenden.")
        if case is None:
            raise NotDoneError(f"Det finns inget ärende med nummer {order.case_number}.")
        if order.command not in PATHS:
            raise NotDoneError(f"Kommandot «{order.command}» finns inte.")
        if why := obstacle(case, PATHS[order.command][1]):
            raise NotDoneError(why)
        return case

    async def _note(self, case: CaseFile, user: User, order: Order, _files: list[Attachment]) -> None:
        self._dealings.note(case, user, "Journalanteckning", _text(order), order.mark)

    async def _message(self, case: CaseFile, user: User, order: Order, files: list[Attachment]) -> None:
        subject = _demanded(order, "Ämne")
        await self._dealings.message(case, user, subject, _text(order), reference=order.mark, files=files)

    async def _claim(self, case: CaseFile, user: User, _order: Order, _files: list[Attachment]) -> None:
        self._dealings.claim(case, user, seen="")

    async def _status(self, case: CaseFile, user: User, order: Order, _files: list[Attachment]) -> None:
        wanted = _demanded(order, "Status")
        if wanted not in STATUSES:
            raise NotDoneError(f"Statusen {wanted} finns inte.")
        self._dealings.set_status(case, user, wanted)

    async def _hand_over(self, case: CaseFile, user: User, order: Order, _files: list[Attachment]) -> None:
        inbox = _demanded(order, "Inkorg")
        if inbox not in INBOXES.values():
            raise NotDoneError(f"Inkorgen {inbox} finns inte.")
        todo = order.told.get("Att göra", "")
        self._dealings.hand_over(case, user, inbox, _text(order), todo=todo, reference=order.mark)


def _demanded(order: Order, label: str) -> str:
    if not order.told.get(label, "").strip():
        raise NotDoneError(f"Uppgiften {label} saknas i mejlet.")
    return order.told[label]


def _text(order: Order) -> str:
    if not order.text.strip():
        raise NotDoneError("Mejlet har ingen text.")
    return order.text
