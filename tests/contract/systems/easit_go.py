"""Easit GO."""

from __future__ import annotations

from robots.cases import easit_go
from tests.contract.systems.case_systems import MAKE, changes, readings
from tests.contract.systems.kinds import InterfaceUnderTest

ITEMS = dict.fromkeys(MAKE, r"/items$")  # one address for everything
LOOKS = dict.fromkeys(("read", "find", "inbox", "attachments_of"), (r"/items$", "", ""))

SYSTEM = InterfaceUnderTest(easit_go.Reader, readings("easit_go", LOOKS), easit_go.Writer, changes(ITEMS, ITEMS))
