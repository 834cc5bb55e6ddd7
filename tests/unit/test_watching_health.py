"""Live and ready, and why not, over HTTP; and what systemd is told."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text

from robots.effects import STOPPED_COMMITS
from robots.errors import ConfigurationError
from robots.queue.upkeep import register_worker
from robots.settings import Settings
from robots.store import Store
from robots.store.connect import connect
from robots.store.processes import this_process
from robots.store.schema import pauses
from robots.watching import pulse as pulses
from robots.watching.beating import BeatingScheduler
from robots.watching.health import Health
from robots.watching.listening import HOST, listening
from robots.watching.pulse import Pulse, kept_alive, tell_systemd

Get = Callable[[str], tuple[int, dict[str, Any]]]


def free_port() -> int:
    with socket.create_server((HOST, 0)) as door:
        return int(door.getsockname()[1])


@contextmanager
def asking(health: Health) -> Iterator[Get]:
    port = free_port()
    with listening(health, port), httpx.Client(base_url=f"http://{HOST}:{port}", timeout=20) as client:

        def get(path: str) -> tuple[int, dict[str, Any]]:
            answer = client.get(path)
            return answer.status_code, answer.json()

        yield get


@pytest.fixture
def settings(machine: Settings, tmp_path: Path) -> Settings:
    return machine.model_copy(update={"data_dir": tmp_path})


@pytest.fixture
def health(settings: Settings, store: Store) -> Health:
    pulse = Pulse()
    pulse.is_ready()
    pulse.beat("Workern")
    return Health(settings, store, pulse)


def test_well(health: Health, store: Store) -> None:
    register_worker(store, this_process(), name="a", slots=1, queues=[])
    with asking(health) as get:
        assert get("/health/live") == (200, {"live": True, "why": []})
        assert get("/health/ready") == (200, {"ready": True, "why": [], "notes": []})


def test_figures_are_given_where_health_is(health: Health) -> None:
    port = free_port()
    with listening(health, port):
        answer = httpx.get(f"http://{HOST}:{port}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "ragnhild_database_up 1.0" in answer.text


def test_a_part_that_hangs_is_not_live(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "SILENT_SECONDS", -1.0)
    with asking(health) as get:
        code, told = get("/health/live")
        assert code == 503
        assert "Workern har inte gett något livstecken" in told["why"][0]
        assert get("/health/ready")[0] == 503
        monkeypatch.undo()
        assert get("/health/live")[0] == 200, "control"


def test_not_ready_before_it_has_begun(settings: Settings, store: Store) -> None:
    with asking(Health(settings, store, Pulse())) as get:
        assert get("/health/live")[0] == 200
        code, told = get("/health/ready")
    assert (code, told["why"]) == (503, ["Tjänsten har inte kommit igång än."])


def test_not_ready_without_a_database_and_live_all_the_same(settings: Settings) -> None:
    away = connect("postgresql://nobody@127.0.0.1:1/none")
    pulse = Pulse()
    pulse.is_ready()
    with asking(Health(settings, away, pulse)) as get:
        code, told = get("/health/ready")
        assert get("/health/live")[0] == 200, "starting it anew would not help"
    away.close()
    assert code == 503
    assert told["why"] == ["Databasen svarar inte (OperationalError). Se: ragnhild doctor"]


def test_not_ready_where_the_tables_are_newer(health: Health, store: Store) -> None:
    with store.begin() as connection:
        before = connection.execute(text("select version_num from alembic_version")).scalar_one()
        connection.execute(text("update alembic_version set version_num = '9999'"))
    try:
        why, _ = health.not_ready()
    finally:
        with store.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :old"), {"old": before})
    assert [words.partition(".")[0] for words in why] == ["Databasen har nyare tabeller än det här programmet"]
    assert health.not_ready()[0] == [], "control"


def test_not_ready_where_no_evidence_can_be_kept(
    health: Health, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert ["Disken är full" in words for words in health.not_ready()[0]] == [True]


def test_what_is_a_person_s_will_is_told_and_does_not_count(health: Health, store: Store) -> None:
    with store.begin() as connection:
        connection.execute(insert(pauses).values(scope=STOPPED_COMMITS, by="eva", reason="om Tova"))
    why, notes = health.not_ready()
    assert why == []
    assert [words.partition(":")[0].partition(" på")[0] for words in notes] == [
        "Nödstoppet är draget", "Ingen worker arbetar",
    ]  # fmt: skip
    assert "Tova" not in " ".join(notes)


def test_a_port_that_is_taken_is_told(health: Health) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Porten {port} .* health_port"):
            with listening(health, port):
                pass


def test_it_listens_on_this_machine_only_and_is_gone_with_the_block(health: Health) -> None:
    port = free_port()
    with listening(health, port):
        assert httpx.get(f"http://{HOST}:{port}/health/live").is_success
        with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=2):
            pass
    with pytest.raises(OSError), socket.create_connection((HOST, port), timeout=2):
        pass


def test_a_scheduler_gives_a_sign_before_each_look(settings: Settings, store: Store) -> None:
    pulse = Pulse()
    BeatingScheduler(settings, store, pulse).look_round()
    assert list(pulse._signs) == ["Schemaläggaren"]


# -- systemd --------------------------------------------------------------------------------------------------------


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket that a service tells systemd by."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notes"))
        heard.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notes"))
        yield heard


def test_systemd_hears_that_it_is_ready_lives_and_ends(systemd: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    pulse = Pulse()
    with kept_alive(pulse):
        pulse.is_ready()
        assert _first_but_lives(systemd) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
    assert _first_but_lives(systemd) == b"STOPPING=1"


def _first_but_lives(systemd: socket.socket) -> bytes:
    """The next word that is not of the watchdog's, which comes whenever it likes."""
    while (heard := systemd.recv(100)) == b"WATCHDOG=1":
        pass
    return heard


def test_a_systemd_that_does_not_read_hinders_nobody_from_ending(systemd: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notes, suppress(BlockingIOError):
        notes.connect(systemd.getsockname())
        notes.setblocking(False)
        while True:
            notes.send(b"WATCHDOG=1")
    telling = threading.Thread(target=tell_systemd, args=["STOPPING=1"], daemon=True)
    telling.start()
    telling.join(20)
    assert not telling.is_alive()


def test_a_part_that_hangs_lets_the_watchdog_bark(systemd: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    looked = threading.Event()

    class Hanging(Pulse):
        def silent(self) -> list[str]:
            looked.set()
            return ["Workern"]

    with kept_alive(Hanging()):
        assert looked.wait(20)
    assert systemd.recv(100) == b"STOPPING=1", "nothing before that"


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    before = threading.active_count()
    pulse = Pulse()
    with kept_alive(pulse):
        pulse.is_ready()
        assert threading.active_count() == before
    assert pulse.ready
