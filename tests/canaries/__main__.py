"""``python -m tests.canaries``: the canaries are planted, flown with, and looked for; the table tells where one sang.

Ends with 1 when a canary is found where it is not allowed, when a planted control is not found, or when runs are left.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from robots.cli.town import start_town
from robots.logs import set_up_logging
from robots.settings import load_settings
from robots.store import open_store
from tests.canaries import allowed, birds, eye, flight, places
from tests.canaries.nose import WRITINGS, Nose, zipped

FEWEST = 200


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="one task alone")
    asked.add_argument("--no-faults", action="store_true")
    asked.add_argument("--seconds", type=float, default=1200)
    told = asked.parse_args()
    eye.demand_reader()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ragnhild-canaries-", ignore_cleanup_errors=True) as folder:
        ground = Path(folder)
        ground.chmod(0o711)
        (ground / "temp").mkdir(mode=0o700)
        settings = load_settings(data_dir=ground / "data", town="", database_url=None, retry_seconds=1.0)
        set_up_logging(settings, "canaries", quiet=True)
        with start_town(settings) as town, places.watched_processes() as processes:
            store = open_store(None, settings.data_dir)
            try:
                flown = flight.ask_for_all(settings, store, town, only=told.only)
                faults = 0 if told.no_faults else flight.set_faults(settings, town)
                with flight.worker(settings, ground / "worker.out", ground / "temp"):
                    left = flight.wait_for_all(store, seconds=told.seconds)
                canaries = [
                    *birds.of_robots(settings, town), *birds.of_sessions(settings, store),
                    *birds.of_people(town, [each.case for each in flown]),
                ]  # fmt: skip
                nose = Nose(canaries)
                hits = {fault["kind"]: 0 for fault in town.ask("/faults")["set"]}
                for fault in town.ask("/faults")["set"]:
                    hits[fault["kind"]] += fault["hits"]
                say(f"{len(nose.known)} canaries: {dict(Counter(c.kind for c in nose.known))}")
                say(f"{len(flown)} runs of {len({f.task for f in flown})} tasks, {left} left; {faults} faults {hits}")
                pictures = list(places.evidence(settings, store))
                looked_at = [
                    *places.data_folder(settings), *(p for p in pictures if p.kind != "picture"),
                    *places.columns(store), *places.files(ground / "temp", "temporary"),
                    places.Place("output", "worker.out", (ground / "worker.out").read_bytes()), *processes.places(),
                    *eye.read(p for p in pictures if p.kind == "picture"),
                ]  # fmt: skip
                say(f"{len(looked_at)} places, {sum(len(p.content) for p in looked_at) / 1e6:.0f} MB: "
                    f"{dict(Counter(p.kind for p in looked_at if not p.kind.startswith('column')))}")  # fmt: skip
                loose = sing(nose, looked_at, flown)
            finally:
                store.close()
                if store.server is not None:
                    store.server.cleanup()
    missed = controls(canaries)
    say(f"controls: {len(missed)} of the planted not found {missed[:10]}")
    say(f"{len(loose)} found where they may not be. {time.monotonic() - began:.0f} s")
    few = len(nose.known) < FEWEST and not told.only
    return 1 if loose or missed or left or few else 0


def sing(nose: Nose, looked_at: Iterable[places.Place], flown: list[flight.Asked]) -> list[str]:
    """Where a canary was found that may not be there; one line for each kind, place and reading."""
    loose: Counter[str] = Counter()
    rules = allowed.Rules(flown)
    for place in looked_at:
        for found in nose.squint(place.content) if place.kind == "picture" else nose.smell(place.content):
            why = rules.why(place, found.canary)
            who = "PROTECTED " if rules.is_protected(found.canary) else ""
            line = f"{who}{found.canary.kind} in {place.kind} ({place.name[:60]}) as {found.reading}"
            if not why:
                loose[line] += 1
    for line, count in sorted(loose.items()):
        say(f"  {count:4} {line}")
    return list(loose)


def controls(canaries: list[birds.Canary]) -> list[str]:
    """Each canary in every writing, in a packed workbook, and one of each kind in a picture: all must be found."""
    nose, missed = Nose(canaries), []
    for canary in nose.known:
        for name, write in WRITINGS.items():
            ways = write(canary.value) if name == "gzip" else b"x" + b"\n: " + write(canary.value) + b" ;"
            if canary not in {found.canary for found in nose.smell(ways)}:
                missed.append(f"{canary.kind} as {name}")
        if canary not in {found.canary for found in nose.smell(zipped(canary.value))}:
            missed.append(f"{canary.kind} in a workbook")
    for kind in ("personal number", "name", "address", "telephone", "e-mail"):
        canary = next(c for c in nose.known if c.kind == kind)
        read = eye.words_in(eye.picture_of(f"Uppgift: {canary.value}"))
        if canary not in {found.canary for found in nose.squint(read.encode())}:
            missed.append(f"{kind} in a picture, read as {read.strip()!r}")
    return missed


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
