"""Support-management: an address each for errands, notes and letters; an errand itself is changed by PATCH."""

from __future__ import annotations

from robots.cases import support_management
from tests.contract.systems.case_systems import changes, readings
from tests.contract.systems.kinds import InterfaceUnderTest

ERRAND = r"/errands/[^/]+$"
PATCHED = dict.fromkeys(("hand_over", "claim", "set_status"), ERRAND)
COMMITS = PATCHED | {"add_note": r"/notes$", "send_message": r"/communication/email$"}
LOOKS = dict.fromkeys(("read", "find", "inbox"), (r"/errands$", "", "")) | {
    "attachments_of": (r"/attachments$", "", "")
}

SYSTEM = InterfaceUnderTest(
    support_management.Reader,
    readings("support_management", LOOKS),
    support_management.Writer,
    changes(COMMITS, COMMITS, dict.fromkeys(PATCHED, "PATCH")),
)
