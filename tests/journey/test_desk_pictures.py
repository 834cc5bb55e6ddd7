"""The pages as people see them: robots work in the practice town, and each page is kept as a picture.

``make screenshots`` (``RAGNHILD_WRITE_PICTURES``) keeps all of them in ``build/screenshots``, in both themes, on a wide
screen and on a phone, and writes those of the documentation anew. Runs, numbers and people are the same each time; what
the clock says is not.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from robots.cli.town import Town
from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.queue.claims import Held
from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser
from tests.conftest import ROOT
from tests.journey.test_desk_pages import PAGES, Office, seats_at
from tests.unit.full_desk import FullDesk, full_desk

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]
WRITES = bool(os.environ.get("RAGNHILD_WRITE_PICTURES"))
GUIDE, README = ROOT / "docs/guide.md", ROOT / "README.md"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def office(
    settings: Settings, store: Store, tmp_path: Path, browser: WarmBrowser, town: Town, processes: TaskProcesses
) -> Iterator[Office]:
    """The furnished desk, whose first runs real robots have done: one sent, one that asks, one that is tried only."""
    window = browser.take_window()
    with full_desk(settings, store, tmp_path) as full:
        shutil.copytree(settings.secrets_dir, full.desk.settings.secrets_dir, dirs_exist_ok=True)
        cases = town.cases("drawings", "normal")
        ways: dict[str, dict[str, Any]] = {"done": {}, "waiting": {"asks_first": True}, "dry": {"dry_run": True}}
        for (name, way), case in zip(ways.items(), cases, strict=False):
            task = full.tasks.find("send-drawings")
            values = task.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]})
            run = submit(store, task, values, robot="ragnhild", source="guide", started_by="gun", **way).run_id
            with suppress(Held):
                attempt_run(full.desk.settings, store, full.tasks, browser, run, carry=processes.carry_out)
            full.has[name] = run
        _share_picture(full, full.has["done"])
        full.has["case"], full.has["property"] = cases[3]["number"], cases[3]["property_id"]
        full.has["done_case"], full.has["done_property"] = cases[0]["number"], cases[0]["property_id"]
        sat = Office(full, window.context.browser, {}, [])
        yield sat
        for page in sat.windows.values():
            page.context.close()
    window.close()


def _share_picture(full: FullDesk, run: int) -> None:
    """What a robot has seen in ``run`` stands in for the plain areas that the furnished runs have."""
    settings = full.desk.settings
    folder, keys = settings.evidence_dir, Keys.of(settings, full.desk.store)
    first = sorted(file.name for file in (folder / str(run)).glob("*.jpg"))[0]
    seen = RunEvidence.below(folder, run, keys).read(first)
    for plain in (int(each.parent.name) for each in folder.glob("*/01-001.jpg")):
        if plain < run:
            RunEvidence.below(folder, plain, keys).write("01-001.jpg", seen)


def test_every_page_is_kept_as_a_picture(office: Office, tmp_path: Path) -> None:
    folder = ROOT / "build/screenshots" if WRITES else tmp_path / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for theme in ("light", "dark"):
        for path, addresses in PAGES.items():
            for address in addresses:
                seats = seats_at(path)
                page = office.at("adam" if path.startswith(("/machinery", "/systems")) else seats[0], address)
                office.looks("sv", theme)
                page.reload()
                for size, window in (("wide", WIDE), ("phone", PHONE)):
                    page.set_viewport_size(window)  # type: ignore[arg-type]  # a plain dict with the two keys it wants
                    name = re.sub(r"[^a-z0-9_]+", "-", f"{address}").strip("-") or "start"
                    page.screenshot(path=folder / f"{name}-{theme}-{size}.png", full_page=True)
    flat = [file.name for file in folder.glob("*.png") if len(Image.open(file).convert("L").getcolors() or ()) < 3]
    assert flat == [], "pictures of nothing"


def test_the_guide_has_its_pictures(office: Office, tmp_path: Path) -> None:
    folder = ROOT / "docs/pictures" if WRITES else tmp_path
    office.window("gun").set_viewport_size(WIDE)  # type: ignore[arg-type]  # a plain dict with the two keys it wants
    for name, shown in _shown(office):
        shown.screenshot(path=folder / f"desk-{name}.png")
    made = {file.name for file in folder.glob("desk-*.png")}
    named = set(re.findall(r"pictures/(desk-[a-z]+\.png)", GUIDE.read_text("utf-8") + README.read_text("utf-8")))
    assert made == named, "a picture that nobody shows, or one that nobody takes"


def _shown(office: Office) -> Iterator[tuple[str, Any]]:
    """The pictures of the guide's own document, in its order."""
    has = office.full.has
    page = office.at("gun", "/")
    yield "start", page
    page = office.at("gun", "/run/send-drawings?case_number={case}&property_id={property}")
    yield "form", page
    yield "look", office.at("gun", "/runs/{waiting}")
    yield "live", office.at("gun", "/runs/{running}")
    yield "done", office.at("gun", "/runs/{done}")
    page = office.at("gun", "/run/send-drawings?case_number={done_case}&property_id={done_property}")
    page.get_by_role("button", name="Starta").click()
    expect(page.get_by_role("heading", name="Redan gjort")).to_be_visible()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    yield "again", page
    yield "handovers", office.at("gun", "/handovers")
    yield "handover", office.at("gun", "/handovers/{mine}")
    yield "excel", office.at("gun", "/excel/sheets/{sheet}")
    yield "batch", office.at("gun", "/excel/batches/{batch}")
    assert has
