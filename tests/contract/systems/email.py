"""The case system by e-mail."""

from __future__ import annotations

from robots.cases import email
from tests.contract.systems.case_systems import changes, readings
from tests.contract.systems.kinds import InterfaceUnderTest

MAILS = {
    "add_note": r"^/anteckning$",
    "send_message": r"^/meddelande$",
    "hand_over": r"^/fordela$",
    "claim": r"^/ta$",
    "set_status": r"^/status$",
}
LOOKS = dict.fromkeys(("read", "find_event", "find", "inbox", "attachments_of"), ("", "", ""))

SYSTEM = InterfaceUnderTest(
    email.Reader,
    readings("email", LOOKS),
    email.Writer,
    changes(MAILS, MAILS, dict.fromkeys(MAILS, "DATA")),
    unguarded=lambda town: town.act("email", "take_repeats"),
)
