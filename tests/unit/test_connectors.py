"""Which connector the one line in ``config/`` means."""

from __future__ import annotations

import pytest

from robots.cases import case_management, easit_go
from robots.cases.connectors import connector
from robots.errors import ConfigurationError


def test_a_connector_is_found_by_name_and_level() -> None:
    assert connector("case_management", "journal") is case_management.Writer
    assert connector("easit_go", "read") is easit_go.Reader


@pytest.mark.parametrize("name", ["okänd", "contract", "stops"])
def test_what_is_no_connector_is_told(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Ärendesystemet {name} har ingen koppling"):
        connector(name, "journal")
