"""Which connector the one line in ``config/`` means."""

from __future__ import annotations

import pytest

from robots.cases import case_management, easit_go
from robots.cases.connectors import connector
from robots.errors import ConfigurationError
from robots.systems.once import effects_of


def test_a_connector_is_found_by_name_and_level() -> None:
    assert connector("case_management", "journal") is case_management.Writer
    assert connector("easit_go", "read") is easit_go.Reader


@pytest.mark.parametrize("name", ["okänd", "contract", "stops"])
def test_what_is_no_connector_is_told(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Ärendesystemet {name} har ingen koppling"):
        connector(name, "journal")


@pytest.mark.parametrize("name", ["case_management", "easit_go", "email", "support_management"])
def test_what_tells_of_the_deed_may_wait_in_every_case_system_and_nothing_else_may(name: str) -> None:
    waiting = {effect for effect, declared in effects_of(connector(name, "journal")).items() if declared.may_wait}
    assert waiting == {"add_note", "set_status", "hand_over"}
