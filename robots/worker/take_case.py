"""A case out of an inbox is taken before anything is done for it: whoever comes second does nothing."""

from __future__ import annotations

from robots.cases import Cases
from robots.errors import BusinessException
from robots.evidence import Recorder
from robots.inputs import Values


class NotOurs(Exception):
    """Somebody else has taken the case, or closed it, since the inbox was read: there is nothing to hand over."""


def take_case(cases: Cases.Writer, values: Values, recorder: Recorder) -> None:
    """Raises ``NotOurs``."""
    assert values.case_number is not None
    with recorder.step("Ta ärendet"):
        try:
            cases.claim(values.case_number, once="ta ärendet")
        except BusinessException as stop:
            raise NotOurs(stop.reason) from None
