"""The practice municipality as a process of its own, and its control API as a person's tool."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from robots.errors import ApplicationException
from robots.settings import Settings, write_secret
from robots.tls import trusted

OPENING_SECONDS = 30
# A user that may look everywhere and change nothing, for the contract tests and for a curious person.
LOOKER = "titta"


@dataclass
class Town:
    """The running town. ``process`` is None when somebody else has started it."""

    address: str
    token: str
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.control = httpx.Client(
            base_url=f"{self.address}/control", headers={"X-Control-Token": self.token}, timeout=30, verify=trusted()
        )

    def truth(self, system: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Every change that the systems have made, in order."""
        commits: list[dict[str, Any]] = self._get("/truth")
        return [c for c in commits if system in ("", c["system"]) and kind in ("", c["kind"])]

    def cases(self, errand: str = "", twist: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/cases", errand=errand, twist=twist)
        return found

    def mail(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/mail")
        return found

    def ask(self, path: str, **query: str) -> Any:
        """Any other question to the control API."""
        return self._get(path, **query)

    def fault(self, system: str, kind: str, **more: Any) -> None:
        self._post("/faults", {"system": system, "kind": kind, **more})

    def clear_faults(self) -> None:
        self.control.delete("/faults").raise_for_status()

    def act(self, system: str, action: str, **values: Any) -> Any:
        """What a colleague or the passing of time does in a system: lock a case, carry out an order."""
        return self._post(f"/systems/{system}/{action}", values)

    def new_password(self, user: str, password: str) -> None:
        """Let a user's password be another one: the old one has expired."""
        self._post(f"/users/{user}", {"password": password})

    def reset(self, seed: int | None = None, today: str | None = None, *, keep_sessions: bool = False) -> None:
        self._post("/reset", {"seed": seed, "today": today, "keep_sessions": keep_sessions})

    def stop(self) -> None:
        self.control.close()
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:  # a slow answer, set as a fault, is still on its way to nobody
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _get(self, path: str, **query: str) -> Any:
        return self.control.get(path, params=query).raise_for_status().json()

    def _post(self, path: str, values: dict[str, Any]) -> Any:
        return self.control.post(path, json=values).raise_for_status().json()


def start_town(settings: Settings, *, seed: int = 1, port: int = 0, today: str | None = None) -> Town:
    """Open the municipality with a user for every robot, whose passwords are put among the secrets.

    It ends with the process that started it. Raises ``ApplicationException`` when it does not open.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    told = _users(settings)
    users = settings.secrets_dir / "practice-users.json"
    write_secret(users, json.dumps(told))
    ready = settings.data_dir / "practice.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "robots.practice", "--users", str(users), "--ready-file", str(ready),
               "--port", str(port), "--seed", str(seed), "--until-stdin-closes"]  # fmt: skip
    if today:
        command += ["--today", today]
    # A session of its own: a Ctrl-C is for the one who opened the town, whose runs may still need it.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    town = Town(_address_in(ready, process), told["control_token"], process)
    _wait_until_open(town)
    return town


def join_town(settings: Settings) -> Town:
    """The town that another process has opened on this machine."""
    users = settings.secrets_dir / "practice-users.json"
    if not settings.town_address or not users.exists():
        raise ApplicationException("Övningskommunen är inte igång. Starta den med: ragnhild practice")
    return Town(settings.town_address, json.loads(users.read_text("utf-8"))["control_token"])


def _users(settings: Settings) -> dict[str, Any]:
    users = []
    for robot in settings.robots.values():
        path = settings.secrets_dir / robot.name
        write_secret(path, secrets.token_urlsafe(18), keep=True)
        users.append({"name": robot.user, "display": f"{robot.title} (robot)", "password": _as_read(path),
                      "roles": settings.access.get(robot.name, {})})  # fmt: skip
    looker = settings.secrets_dir / LOOKER
    write_secret(looker, secrets.token_urlsafe(12), keep=True)
    users.append({"name": LOOKER, "display": "Titta Besök", "password": _as_read(looker),
                  "roles": dict.fromkeys(settings.systems, "read")})  # fmt: skip
    return {"control_token": secrets.token_urlsafe(24), "users": users}


def _as_read(secret: Path) -> str:
    """As the robot reads it: whoever typed it ended it with Enter."""
    return secret.read_text("utf-8").rstrip("\r\n")


def _address_in(ready: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + OPENING_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise ApplicationException("Övningskommunen öppnade inte. Är porten upptagen?")
        time.sleep(0.05)  # another process writes the file; there is nothing to wait on but the file
    return f"http://127.0.0.1:{json.loads(ready.read_text())['port']}"


def _wait_until_open(town: Town) -> None:
    deadline = time.monotonic() + OPENING_SECONDS
    while True:
        try:
            httpx.get(f"{town.address}/health", timeout=5, verify=trusted()).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise ApplicationException("Övningskommunen svarar inte.") from None
            time.sleep(0.05)  # another process opens the port; there is nothing to wait on but the port
        else:
            return
