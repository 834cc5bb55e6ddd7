"""``unshare --mount python -m tests.chaos.disk_trials``: a disk that is full, or that nobody may write on any more.

It mounts a small file system of its own, in a mount namespace of its own, which goes with it: nothing is left behind on
the machine. It is told what to try on its command line and tells how it went as one line of JSON. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path

from robots.evidence.recorder import LEAST_FREE_BYTES
from tests.chaos.storage_trials import SETTLE_SECONDS, Fault, Tried, holding, meet
from tests.chaos.three_flows import Account, own_ground

# There is room for evidence on it, until something else takes it.
DISK_BYTES = LEAST_FREE_BYTES + 32 * 1024 * 1024
BALLAST = "ballast"
# The last is the whole data folder: evidence, logs and the slots' temporary files.
KINDS = ("nearly full", "full", "read-only")
MOST_SLOTS = 4


@cache
def missing() -> str:
    """Why it cannot be tried here; "" when it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root may mount a file system"
    if not shutil.which("unshare"):
        return "there is no unshare"
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", tempfile.gettempdir()]
    tried = subprocess.run(command, capture_output=True, check=False)
    return "" if tried.returncode == 0 else f"mounting is not allowed: {tried.stderr.decode().strip()}"


def on_bad_disk(kind: str, moments: Sequence[str], seconds: float, *, unrecorded: bool = False) -> Tried:
    """Tried in a process of its own that has a mount namespace of its own. ``unrecorded``: without the guard."""
    command = ["unshare", "--mount", sys.executable, "-m", __name__, kind, str(seconds), *moments]
    ended = subprocess.run([*command, *(["--unrecorded"] if unrecorded else [])], stdout=subprocess.PIPE, check=True)
    told = json.loads(ended.stdout.splitlines()[-1])
    return Tried(**(told | {"account": Account(**told["account"])}))


def fill(folder: Path, leave: int) -> None:
    """Take the disk's room but for so many bytes; with 0, to the last one."""
    with (folder / BALLAST).open("wb", buffering=0) as ballast:
        try:
            while (left := shutil.disk_usage(folder).free - leave) > 0:
                ballast.write(bytes(min(left, 1024 * 1024)))
        except OSError:  # it is full
            return


def bad_disk(kind: str, folder: Path) -> Fault:
    """What happens to the folder."""
    if kind == "read-only":
        return Fault(lambda: _mount("-o", "remount,bind,ro", _bound(folder)), lambda: _unmount(folder))
    return Fault(lambda: fill(folder, LEAST_FREE_BYTES // 2 if kind == "nearly full" else 0), (folder / BALLAST).unlink)


def _bound(folder: Path) -> str:
    """The folder once more over itself: what is opened from now on meets that one, what is open stays as it is."""
    _mount("--bind", str(folder), str(folder))
    return str(folder)


def _mount(*told: str) -> None:
    subprocess.run(["mount", *told], check=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ragnhild-disk-") as name:
        folder = Path(name)
        _mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", name)
        try:
            yield folder
        finally:
            _unmount(folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("seconds", type=float)
    parser.add_argument("moments", nargs="+")
    parser.add_argument("--unrecorded", action="store_true")
    asked = parser.parse_args()
    with small_disk() as disk:
        slots, evidence = min(len(asked.moments), MOST_SLOTS), None if asked.kind == "read-only" else disk
        with own_ground(settle=SETTLE_SECONDS, slots=slots, evidence_folder=evidence) as ground:
            folder = evidence or ground.settings.data_dir
            with holding(ground, unrecorded=asked.unrecorded) as at:
                tried = meet(at, bad_disk(asked.kind, folder), asked.moments, asked.seconds)
    print(json.dumps(asdict(tried)), flush=True)


if __name__ == "__main__":
    main()
