"""What the interface lets somebody change, and the version of an errand that a change must name."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import Counter
from typing import Any

from robots.practice.case_management.dealings import Commits, Dealings, NotDoneError, obstacle
from robots.practice.case_management.state import Attachment, CaseFile, Register
from robots.practice.sessions import User
from robots.practice.support_management.names import CATEGORIES, HANDOVER, MESSAGE_ID, STATUSES, identity
from robots.practice.support_management.views import parameters_of

BLANK = "must not be blank"
Violations = dict[str, str]


class ProblemError(Exception):
    """The request gets a problem for an answer; ``violations`` are what is wrong, by field."""

    def __init__(self, status: int, detail: str = "", violations: Violations | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.violations = violations or {}


class Versions:
    """Each errand's version: another one after every change, also one that was changed back again."""

    def __init__(self) -> None:
        self._behind: Counter[str] = Counter()

    def changed_behind(self, number: str) -> None:
        self._behind[number] += 1

    def of(self, case: CaseFile) -> str:
        """The entity tag."""
        seen = (case.status, case.inbox, case.handler, case.lock, len(case.events), self._behind[case.number])
        return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}"'


class Changes:
    """The changes of errands. No rule but its version keeps one user from changing what another has changed."""

    def __init__(self, register: Register, dealings: Dealings, commit: Commits) -> None:
        self._register = register
        self._dealings = dealings
        self._commit = commit

    def note(self, case: CaseFile, user: User, told: dict[str, Any]) -> str:
        """The identity of the new note."""
        _demand(told, "context", "role", "subject", "body", "createdBy")
        self._free(case, "note")
        self._dealings.note(case, user, "Journalanteckning", told["body"].strip(), told["subject"].strip())
        return identity(case.events[-1].number)

    async def email(self, case: CaseFile, user: User, told: dict[str, Any]) -> None:
        """Goes only to the one whose errand it is, so that a wrong address does not become a letter."""
        _demand(told, "sender", "recipient", "subject", "message", "htmlMessage")
        wrong = {name: "must be a well-formed email address" for name in ("sender", "recipient")
                 if "@" not in told[name]}  # fmt: skip
        if not wrong and told["recipient"] != case.email:
            wrong["recipient"] = "must be a contact channel of a stakeholder"
        if wrong:
            raise ProblemError(400, violations=wrong)
        self._free(case, "message")
        known = {identity(file.number): file for file in case.attachments}
        if any(each not in known for each in told.get("attachmentIds") or []):
            raise ProblemError(404, "An attachment could not be found.")
        files = [known[each] for each in told.get("attachmentIds") or []]
        files += [self._kept(file) for file in told.get("attachments") or []]
        reference = next(iter((told.get("emailHeaders") or {}).get(MESSAGE_ID, [])), "")
        try:
            await self._dealings.message(
                case, user, told["subject"].strip(), told["message"].strip(), reference=reference, files=files
            )
        except NotDoneError as error:
            raise ProblemError(502, error.words) from None

    def patch(self, case: CaseFile, user: User, told: dict[str, Any]) -> None:
        """What is not named stays as it is. All of it is done or nothing."""
        unknown = told.keys() - {"status", "assignedUserId", "parameters", "classification", "resolution"}
        if unknown:
            raise ProblemError(400, violations=dict.fromkeys(sorted(unknown), "must be null"))
        statuses = {code: status for status, code in STATUSES.items()}
        if (status := told.get("status")) is not None and status not in statuses:
            raise ProblemError(400, violations={"status": f"value '{status}' doesn't match any of {list(statuses)}"})
        taken = told.get("assignedUserId")
        handed_over = self._new_handover(case, told.get("parameters"))
        if (taken == "" and handed_over is None) or taken not in (None, "", user.name):
            raise ProblemError(400, violations={"assignedUserId": "must be the user, or empty in a handover"})
        self._free(case, "handover" if handed_over else "claim" if taken else "status")
        if status is not None:
            self._dealings.set_status(case, user, statuses[status])
        if taken:
            self._dealings.claim(case, user, seen=case.handler)
        if handed_over:
            category = (told.get("classification") or {}).get("category", CATEGORIES[case.inbox])
            inbox = next((inbox for inbox, code in CATEGORIES.items() if code == category), case.inbox)
            reason, todo = handed_over["values"]
            self._dealings.hand_over(case, user, inbox, reason, todo=todo, reference=handed_over["group"])

    def attach(self, case: CaseFile, user: User, file: Attachment) -> None:
        self._free(case, "note")
        self._register.record(case, "Bilaga tillagd", user.display, attachments=[file])
        self._commit("file_added", case.number, user.name, name=file.name)

    def _new_handover(self, case: CaseFile, parameters: list[dict[str, Any]] | None) -> dict[str, Any] | None:
        """The list replaces the one that is there: whoever sends only his own wipes out the others, and is refused."""
        if parameters is None:
            return None
        if {each["key"] for each in parameters_of(case)} - {each.get("key") for each in parameters}:
            raise ProblemError(400, violations={"parameters": "must hold those that are there"})
        new = [each for each in parameters if each.get("key") == HANDOVER and not _is_known(case, each)]
        if len(new) != 1 or len(new[0].get("values") or []) != 2:
            raise ProblemError(400, violations={"parameters": "must hold one new handover"})
        return new[0]

    def _free(self, case: CaseFile, kind: str) -> None:
        if why := obstacle(case, kind):
            raise ProblemError(409 if case.lock else 400, why)

    def _kept(self, file: dict[str, Any]) -> Attachment:
        try:
            content = base64.b64decode(str(file.get("base64EncodedString", "")), validate=True)
        except binascii.Error:
            raise ProblemError(
                400, violations={"attachments[0].base64EncodedString": "not a valid BASE64-encoded string"}
            ) from None
        return kept(self._register, str(file.get("fileName", "")), content)


def kept(register: Register, name: str, content: bytes) -> Attachment:
    kind = "application/pdf" if content.startswith(b"%PDF-") else "application/octet-stream"
    return register.keep_file(name, kind, content)


def _is_known(case: CaseFile, parameter: dict[str, Any]) -> bool:
    return any(dict(event.facts).get("Referens") == parameter.get("group") for event in case.events)


def _demand(told: dict[str, Any], *names: str) -> None:
    wrong = {name: BLANK for name in names if not str(told.get(name) or "").strip()}
    if wrong:
        raise ProblemError(400, violations=wrong)
