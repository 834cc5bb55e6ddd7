"""The practice town as a process of its own, for tests of the town itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from robots.practice.systems import KEYS
from tests.plain_http import NO_TLS

USERS: dict[str, Any] = {
    "control_token": "bara-test",
    "users": [
        {"name": "ragnhild", "display": "Ragnhild (robot)", "password": "journal-pass", "roles": "journal"},
        {"name": "lasare", "display": "Lasse Läsare (robot)", "password": "read-pass", "roles": "read"},
        {"name": "utestangd", "display": "Ulla Utestängd", "password": "closed-pass", "roles": ""},
    ],
}


class TownProcess:
    """``base`` is the town's address; ``control`` speaks to the control API."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.control = httpx.Client(
            base_url=self.base + "/control",
            headers={"X-Control-Token": USERS["control_token"]},
            timeout=20,
            verify=NO_TLS,
        )

    def browser(self) -> httpx.Client:
        """A new visitor with cookies of its own, who follows redirects."""
        return httpx.Client(base_url=self.base, follow_redirects=True, timeout=20, verify=NO_TLS)

    def truth(self, system: str, kind: str = "") -> list[dict[str, Any]]:
        commits: list[dict[str, Any]] = self.control.get("/truth").json()
        return [c for c in commits if c["system"] == system and kind in ("", c["kind"])]

    def case(self, errand: str, twist: str = "normal", place: int = 0) -> dict[str, Any]:
        cases: list[dict[str, Any]] = self.control.get("/cases", params={"errand": errand, "twist": twist}).json()
        return cases[place]


def acting_in(key: str) -> Callable[..., Any]:
    """What only tests may do in the system: ``act(town, "lock", akt=…)`` does it and gives its answer."""

    def act(town: TownProcess, action: str, **values: Any) -> Any:
        return town.control.post(f"/systems/{key}/{action}", json=values).raise_for_status().json()

    return act


@pytest.fixture(scope="session")
def town_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownProcess]:
    folder = tmp_path_factory.mktemp("town")
    told = dict(USERS)
    told["users"] = [{**u, "roles": dict.fromkeys(KEYS, u["roles"]) if u["roles"] else {}} for u in USERS["users"]]
    users, ready = folder / "users.json", folder / "ready.json"
    users.write_text(json.dumps(told), "utf-8")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "robots.practice",
            "--users",
            str(users),
            "--ready-file",
            str(ready),
            "--until-stdin-closes",
        ],
        stdin=subprocess.PIPE,
    )
    deadline = time.monotonic() + 20
    while not ready.exists():
        assert process.poll() is None, "the town did not start"
        assert time.monotonic() < deadline, "the town did not open in 20 s"
        time.sleep(0.05)
    town = TownProcess(json.loads(ready.read_text())["port"])
    for _ in range(100):
        try:
            httpx.get(town.base + "/health")
            break
        except httpx.ConnectError:
            time.sleep(0.05)
    yield town
    town.control.close()
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


@pytest.fixture
def town(town_process: TownProcess) -> TownProcess:
    """The town as new: state reset, no faults, nobody logged in."""
    town_process.control.post("/reset", json={"seed": 1}).raise_for_status()
    return town_process
