"""How errands, and what has happened in them, are told by the interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from robots.practice.case_management.state import NOTE_KINDS, Attachment, CaseFile, Event
from robots.practice.support_management.names import (
    CATEGORIES,
    CHANNELS,
    HANDOVER,
    MESSAGE_ID,
    MUNICIPALITY,
    NAMESPACE,
    STATUSES,
    identity,
)

LOCAL = ZoneInfo("Europe/Stockholm")
ROBOT = "ROBOT"  # the role that a note is written in, where it was not by a person at the pages


def errand(case: CaseFile, accounts: dict[str, str]) -> dict[str, Any]:
    """The errand. ``accounts`` are users' names by what they are shown as; "" and None are left out, as it does."""
    told = {
        "id": identity(case.number), "errandNumber": case.number, "title": case.case.title, "priority": "MEDIUM",
        "stakeholders": [_applicant(case)], "parameters": parameters_of(case),
        "classification": {"category": CATEGORIES[case.inbox], "type": "OTHER"}, "status": STATUSES[case.status],
        "description": case.description, "channel": CHANNELS[case.case.channel], "reporterUserId": "reception",
        "assignedUserId": account_of(case.handler, accounts), "businessRelated": False,
        "created": moment(case.created), "modified": moment(case.events[-1].at), "touched": moment(case.events[-1].at),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value != ""}


def account_of(shown: str, accounts: dict[str, str]) -> str:
    """People who never log in here have an account as well."""
    return accounts.get(shown, shown.casefold().replace(" ", "."))


def moment(at: datetime) -> str:
    return at.replace(tzinfo=LOCAL).isoformat(timespec="milliseconds")


def note(case: CaseFile, event: Event) -> dict[str, Any]:
    subject = dict(event.facts).get("Referens", event.kind)
    return {
        "id": identity(event.number), "caseId": identity(case.number), "municipalityId": MUNICIPALITY,
        "namespace": NAMESPACE, "context": "SUPPORT", "role": ROBOT if subject != event.kind else "HANDLER",
        "subject": subject, "body": event.text, "createdBy": event.by, "created": moment(event.at),
    }  # fmt: skip


def communication(case: CaseFile, event: Event) -> dict[str, Any]:
    facts = dict(event.facts)
    return {
        "communicationID": identity(event.number), "errandNumber": case.number, "direction": "OUTBOUND",
        "messageBody": event.text, "subject": facts.get("Ämne", ""), "communicationType": "EMAIL",
        "target": facts.get("Till", ""), "sent": moment(event.at), "sender": event.by, "internal": False,
        "viewed": True, "emailHeaders": {MESSAGE_ID: [facts["Referens"]]} if "Referens" in facts else {},
        "communicationAttachments": [attachment(each) for each in event.attachments],
    }  # fmt: skip


def history(event: Event) -> dict[str, Any]:
    kind = "CREATE" if event.kind == "Ärendet registrerades" else "UPDATE"
    return {"type": kind, "message": event.kind, "owner": event.by, "created": moment(event.at), "sourceType": "Errand"}


def attachment(file: Attachment) -> dict[str, Any]:
    return {"id": identity(file.number), "fileName": file.name, "mimeType": file.content_type,
            "fileSize": len(file.content)}  # fmt: skip


def notes_of(case: CaseFile) -> list[Event]:
    return [event for event in case.events if event.kind in NOTE_KINDS]


def page_of(rows: Sequence[Any], page: int, size: int) -> dict[str, Any]:
    """One page of rows that are counted from 0."""
    shown = list(rows[page * size : (page + 1) * size])
    pages = -(-len(rows) // size)
    return {
        "content": shown, "number": page, "size": size, "numberOfElements": len(shown), "totalElements": len(rows),
        "totalPages": pages, "first": page == 0, "last": page >= pages - 1, "empty": not shown,
    }  # fmt: skip


def _applicant(case: CaseFile) -> dict[str, Any]:
    """Of somebody who is protected there is the number, and that it is so."""
    person, shown = case.citizen, not case.protected
    parameters = {"personalNumber": case.case.citizen, "language": case.case.language,
                  "protectedIdentity": str(case.protected).lower()}  # fmt: skip
    told: dict[str, Any] = {
        "role": "PRIMARY", "externalIdType": "PRIVATE",
        "contactChannels": [{"type": "Email", "value": case.email}] if shown and case.email else [],
        "parameters": [{"key": key, "values": [value]} for key, value in parameters.items() if value],
    }  # fmt: skip
    named = {"firstName": person.first_name, "lastName": person.last_name, "address": person.street,
             "zipCode": person.postcode}  # fmt: skip
    return told | (named if shown else {})


def parameters_of(case: CaseFile) -> list[dict[str, Any]]:
    """What an errand has no field for, and each time that a robot has handed it over."""
    known = {
        "propertyDesignation": case.case.property_id, "facilityNumber": case.case.facility,
        "handlerName": case.handler, "lockedBy": case.lock.by if case.lock else "",
    }  # fmt: skip
    told: list[dict[str, Any]] = [{"key": key, "values": [value]} for key, value in known.items() if value]
    if secret := [identity(file.number) for file in case.received if file.secret]:
        told.append({"key": "classifiedAttachments", "values": secret})
    for event in case.events:
        facts = dict(event.facts)
        if event.kind.startswith("Fördelat till") and "Referens" in facts:
            values = [event.text, facts.get("Att göra", "")]
            told.append({"key": HANDOVER, "group": facts["Referens"], "values": values})
    return told
