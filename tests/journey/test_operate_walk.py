"""``docs/operate.md`` alone leads from a clean Debian to schedules that start runs, in fifteen minutes.

A Debian is made with debootstrap, booted with systemd-nspawn, and each block of the document is carried out in it as it
stands, up to what is about watching. It reaches packages as this machine does. Debian's own making is not in the time.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from robots.scheduler.starts import BY_CLOCK
from tests.conftest import ROOT
from tests.journey.checkout import copy_checkout
from tests.journey.tutorial import Block, blocks_of

MINUTES = 15
# The schedule's five minutes, and some for the runs.
STARTS_AFTER = 8
DOCUMENT = ROOT / "docs" / "operate.md"
# From here on it is about what to do when everything runs.
UNTIL = "\n## Watch\n"
OWN_COPY = "<your municipality's copy of Ragnhild>"
COPY = "/mnt/ragnhild"
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "git")
# A clean Debian has these; debootstrap's smallest has not.
OF_DEBIAN = "systemd,systemd-sysv,dbus,ca-certificates,procps"
# The document's own; the container has this machine's network.
PORTS = (8600, 8610, 8611, 8612, 8700)
# How this machine reaches names and packages.
REACHING = (
    Path("/etc/hosts"), Path("/etc/pip.conf"), Path.home() / ".config" / "pip" / "pip.conf",
    Path("/etc/ssl/certs/ca-certificates.crt"),
)  # fmt: skip
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LAST_WORDS = 4000
PASSWORD = "det-som-operatören-skriver-1"

pytestmark = [pytest.mark.long, pytest.mark.browser]


@dataclass(frozen=True)
class Debian:
    """A machine of its own, as far as those who sit at it can see. ``init`` is its first process."""

    folder: Path
    init: int
    environment: dict[str, str]

    def run(self, command: str, typed: str = "") -> str:
        """Raises ``AssertionError`` where it does not end well."""
        inside = ["nsenter", "--target", str(self.init), "--all", "bash", "-e", "-c", f"cd\n{command}"]
        done = subprocess.run(
            inside, env=self.environment, input=typed, text=True, check=False, timeout=60 * MINUTES,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\nended with {done.returncode}:\n{done.stdout[-LAST_WORDS:]}"
        return done.stdout


@pytest.fixture
def debian() -> Iterator[Debian]:
    """Booted, with nothing installed but Debian."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"en ren Debian kräver root och {', '.join(missing or NEEDED)}")
    if taken := [port for port in PORTS if _is_taken(port)]:
        pytest.skip(f"portarna {taken} är upptagna på den här maskinen")
    with TemporaryDirectory(prefix="ragnhild-debian-", ignore_cleanup_errors=True) as name:
        folder, copy = Path(name) / "debian", Path(name) / "copy"
        _install(folder)
        copy.mkdir()
        copy_checkout(copy)
        for words in ("init -q", "add -A", "-c user.name=prov -c user.email=prov@tallinge.example commit -qm Prov"):
            subprocess.run(["git", "-C", copy, *words.split()], check=True)
        shown = [f"--bind-ro={copy}:{COPY}", *(f"--bind-ro={place}" for place in _package_folders())]
        booting = [
            "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe",
            "--resolv-conf=copy-host", f"--directory={folder}", f"--machine=ragnhild-{os.getpid()}", *shown,
        ]  # fmt: skip
        boot = Path(name) / "boot.txt"
        with boot.open("w") as said:
            machine = subprocess.Popen(booting, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            yield Debian(folder, _booted(machine, boot), _environment())
        finally:
            machine.terminate()  # it is shut down in order
            try:
                machine.wait(90)
            except subprocess.TimeoutExpired:
                machine.kill()
                machine.wait()


def _is_taken(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _install(folder: Path) -> None:
    made = ["debootstrap", "--variant=minbase", f"--include={OF_DEBIAN}", "bookworm", str(folder)]
    done = subprocess.run(made, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
    if done.returncode:
        pytest.skip(f"Debian gick inte att hämta: {done.stdout[-300:]}")
    for path in REACHING:
        if path.is_file():
            there = folder / path.relative_to("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)


def _package_folders() -> list[str]:
    """Folders on this machine that its pip is told to look in."""
    told = subprocess.run(["pip", "config", "list"], check=False, capture_output=True, text=True).stdout
    places = (Path(found) for found in re.findall(r"(?:file://|['\s])(/[\w./-]+)", told))
    return sorted({str(Path(*place.parts[:3])) for place in places if place.is_dir()})


def _environment() -> dict[str, str]:
    """An administrator's, with this machine's way to packages."""
    ways = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.endswith("_proxy")}
    return ways | {"PATH": SYSTEM_PATH, "HOME": "/root", "LANG": "C.UTF-8", "COLUMNS": "160"}


def _booted(machine: subprocess.Popen[bytes], boot: Path) -> int:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and machine.poll() is None:
        for first in psutil.Process(machine.pid).children():
            asked = ["nsenter", "--target", str(first.pid), "--all", "systemctl", "is-system-running"]
            if subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip() == "running":
                return first.pid
        time.sleep(0.2)  # another machine's doing
    pytest.skip(f"systemd-nspawn kan inte starta en Debian här: {boot.read_text()[-300:]}")


@pytest.mark.timeout(60 * 60)
def test_the_document_leads_to_runs_that_a_schedule_starts(debian: Debian) -> None:
    chapters, _, _ = DOCUMENT.read_text("utf-8").partition(UNTIL)
    blocks = blocks_of(chapters)
    began = time.monotonic()
    times, run = [], ""
    for block in blocks:
        if "run-now" in block.text:  # by hand: what the clock starts comes first, and would have to wait for it
            run = _done_by_the_clock(debian)
        block_began = time.monotonic()
        _carry_out(debian, block)
        times.append(f"{time.monotonic() - block_began:6.1f} s  line {block.line}: {block.text.splitlines()[0]}")
    minutes = (time.monotonic() - began) / 60
    print("\n".join(times), f"{minutes:.1f} minutes, with {run} that the clock started", sep="\n")
    units = json.loads(debian.run("systemctl list-units --type=service --output=json 'ragnhild*'"))
    assert {unit["unit"] for unit in units if unit["sub"] == "running"} >= {
        f"ragnhild-{part}.service" for part in ("database", "worker", "scheduler", "portal", "watch")
    }
    assert run, "control: the document was read"
    assert minutes < MINUTES, "\n".join(times)


def _done_by_the_clock(debian: Debian) -> str:
    """A case's run, from a start that nobody asked for."""

    def read() -> str:
        starts = json.loads(debian.run("ragnhild schedules --json"))["schedules"][0]["latest"]
        return next((start["runs"][0] for start in starts if start["by"] == BY_CLOCK and start["runs"]), "")

    def done() -> str:
        rows = json.loads(debian.run("ragnhild runs --state done --json"))["runs"]
        cases = (row["run"] for row in rows if row["task"] == "send_drawings")
        return next((run for run in cases if _number(run) > read_by), "")

    read_by = _number(_wait_for(read, debian))
    return _wait_for(done, debian)


def _number(run: str) -> int:
    return int(run.removeprefix("K-"))


def _wait_for(asked: Callable[[], str], debian: Debian) -> str:
    deadline = time.monotonic() + 60 * STARTS_AFTER
    while not (said := asked()):
        assert time.monotonic() < deadline, debian.run("ragnhild schedules; ragnhild runs")
        time.sleep(2)  # other programs work; they tell when asked
    return said


def _carry_out(debian: Debian, block: Block) -> None:
    if block.language == "sh":
        command = block.text.replace(OWN_COPY, COPY)
        debian.run(command, typed=f"{PASSWORD}\n" if "/dev/stdin" in command else "")
    elif block.language == "toml":
        told = block.prose.rpartition("\n\n##")[2]
        file = re.findall(r"`(/[\w/.-]+\.toml)`", told)[-1]
        # As the document says of its hours: an operator may sit there at night.
        words = re.sub(r"^hours = .*\n", "", block.text, flags=re.MULTILINE)
        sign = ">>" if "At the end of" in told else ">"
        debian.run(f"printf %s {shlex.quote(words)} {sign} {file}")
    else:
        assert block.language == "ini", f"line {block.line}: nobody has said what to do with this block"
