"""What Tallinge's installation of Easit GO calls things. Every municipality's calls them otherwise."""

from __future__ import annotations

from robots.practice.case_management.state import CLOSED, INBOXES, NEW, ONGOING, WAITING

MODULE = "1001"
CASES_VIEW, EVENTS_VIEW, FILES_VIEW = "robot_arenden", "robot_handelser", "robot_bilagor"
STATUS_SOURCE, GROUP_SOURCE = "148:0", "150:0"
STATUSES = {NEW: "Ny", ONGOING: "Under arbete", WAITING: "Väntar på svar", CLOSED: "Löst"}
EMPTY = "null:2"  # the raw value of a connection that leads nowhere


def status_raw(status: str) -> str:
    return f"148:{list(STATUSES).index(status) + 1}"


def group_raw(inbox: str) -> str:
    return f"150:{list(INBOXES.values()).index(inbox) + 1}"


def datasource(module: str, parent: str) -> list[dict[str, object]]:
    """The values below ``parent``; none where the module has no such list."""
    if module != MODULE:
        return []
    found = {
        STATUS_SOURCE: [(status_raw(status), name) for status, name in STATUSES.items()],
        GROUP_SOURCE: [(group_raw(inbox), inbox) for inbox in INBOXES.values()],
    }.get(parent, [])
    return [
        {"rawValue": raw, "parentRawValue": parent, "name": name, "systemName": "", "group": [], "attribute": []}
        for raw, name in found
    ]
