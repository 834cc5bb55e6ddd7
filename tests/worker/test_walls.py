"""A task that reaches for what it was not given gets nothing, and its slot stands; each with the wall left out."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from robots.queue.runs import events_of
from robots.settings import Settings, write_secret
from robots.worker.slot_process import SlotProcess
from robots.worker.supervisor import Supervisor
from robots.worker.task_process.walls import missing
from tests.worker.conftest import Bench, working
from tests.worker.walls_slots import LEFT_OUT, MODULE, TOLD

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=f"lacks {missing()}")]
FAULT = "Fel i uppgiften"


@dataclass
class Place:
    """Where a slot works, for those who want to get at what is there."""

    bench: Bench
    supervisor: Supervisor
    port: int

    @property
    def settings(self) -> Settings:
        return self.bench.settings

    @property
    def slot(self) -> str:
        (slot,) = self.supervisor._slots.values()
        return str(slot.pid)

    @property
    def database(self) -> Path:
        return Path(str(self.bench.store.engine.url.query["host"]))

    def try_to(self, how: str, where: str) -> Row[Any]:
        return self.bench.wait_for(self.bench.ask("reach", how=how, where=where))


@contextmanager
def at_work(bench: Bench, *, left_out: str = "") -> Iterator[Place]:
    """One slot, with something of everything that a task might want."""
    write_secret(bench.settings.secrets_dir / "annan", "en annan robots lösenord")
    bench.settings.machine_key()
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as there:
        patch.setenv(TOLD, "hemligt")
        patch.setenv(LEFT_OUT, left_out)
        patch.setattr(SlotProcess, "module", MODULE if left_out else "robots.worker.slot")
        with working(bench.settings.model_copy(update={"slots": 1}), bench.store) as supervisor:
            yield Place(bench, supervisor, there.getsockname()[1])


@pytest.fixture(scope="module")
def place(bench: Bench) -> Iterator[Place]:
    with at_work(bench) as found:
        yield found


Where = Callable[[Place], object]
# What is tried, where, and which wall keeps it off.
REACHES: dict[str, tuple[str, Where, str]] = {
    "the environment": ("environment", lambda _: TOLD, "environment"),
    "the machine's key": ("read", lambda p: p.settings.secrets_dir / "machine.key", "walls"),
    "another robot's password": ("read", lambda p: p.settings.secrets_dir / "annan", "walls"),
    "which secrets there are": ("list", lambda p: p.settings.secrets_dir, "walls"),
    "the configuration": ("read", lambda p: p.settings.config_dir / "robots.toml", "walls"),
    "other runs' evidence": ("list", lambda p: p.settings.evidence_dir, "walls"),
    "the logs": ("list", lambda p: p.settings.data_dir / "logs", "walls"),
    "the database, with its sessions": (
        "connect to file", lambda p: next(p.database.glob(".s.PGSQL.*[0-9]")), "walls"),
    "the database's files": ("list", lambda p: p.settings.data_dir, "walls"),
    "the slot's environment": ("read", lambda p: f"/proc/{p.slot}/environ", "walls"),
    "the slot's memory": ("see memory", lambda p: p.slot, "walls"),
    "the slot, as a debugger": ("trace", lambda p: p.slot, "walls"),
    "the slot's memory, by a copy": ("copy memory", lambda p: p.slot, "walls"),
    "the slot, to end it": ("signal", lambda p: p.slot, "walls"),
    "the network": ("connect", lambda p: f"127.0.0.1:{p.port}", "walls"),
    "another program": ("start", lambda _: "/bin/true", "walls"),
    "a process that outlives it": ("copy itself", lambda _: "-", "walls"),
    "a file for others": ("write", lambda p: p.settings.data_dir / "left", "walls"),
    "other people's rights to a file": ("change rights", lambda p: p.settings.secrets_dir / "annan", "walls"),
    "the slot's browser": ("find browser", lambda _: "-", "process"),
}  # fmt: skip


@pytest.mark.parametrize("what", REACHES)
def test_a_task_does_not_get(what: str, place: Place) -> None:
    how, where, _ = REACHES[what]
    slot = place.slot
    told = place.try_to(how, str(where(place)))
    assert (told.outcome, told.kind) == ("handed_over", FAULT), told.reason
    assert place.slot == slot


def toolkit_in(place: Place) -> str:
    run = place.try_to("leave", "ord")
    return next(str(each.detail["toolkit"]) for each in events_of(place.bench.store, run.id) if each.kind == "attempt")


def test_what_a_task_changes_or_leaves_is_gone_with_its_process(place: Place) -> None:
    assert place.try_to("change toolkit", "ett annat").outcome == "done"
    assert toolkit_in(place) != "ett annat"
    assert [place.try_to(how, "ord").kind for how in ("find", "find file")] == [FAULT, FAULT]
    assert [each.name for each in _folders(place)] == [each.name for each in _folders(place)[:1]], "only the next run's"


def _folders(place: Place) -> list[Path]:
    return sorted((place.settings.data_dir / "tmp").glob("*/run-*"))


@pytest.mark.parametrize("how", ["garbage", "nested", "too much", "outcome", "a system that it has not"])
def test_what_the_toolkit_would_never_say_ends_the_run_with_a_person(how: str, place: Place) -> None:
    slot = place.slot
    told = place.bench.wait_for(place.bench.ask("say-itself", how=how))
    assert (told.outcome, told.kind) == ("handed_over", FAULT)
    assert "Rubbish" in told.reason
    assert place.slot == slot


@pytest.mark.long
def test_a_process_that_ends_in_the_middle_of_a_word_is_a_death_like_any_other(place: Place) -> None:
    told = place.bench.wait_for(place.bench.ask("say-itself", how="pieces"))
    assert (told.outcome, told.kind) == ("handed_over", "Körningen kraschade")
    assert "(kod 3)" in told.reason
