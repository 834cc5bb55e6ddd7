"""Text that would like to be more than text, in every field there is: it runs nowhere, and is shown as what it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page
from sqlalchemy import Text, inspect, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from robots.audit.writing import note
from robots.cli import console
from robots.local_time import ZONE
from robots.portal import app as portal_app
from robots.portal import pages
from robots.portal.doors.guards import COOKIE
from robots.queue.attempts import Outcome, finish
from robots.queue.claims import claim
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import accounts, batch_rows, batches, metadata, runs
from robots.worker.warm_browser import WarmBrowser, Window
from tests.journey.test_desk_pages import PAGES, Office, seats_at
from tests.unit.ended_runs import Ended
from tests.unit.full_desk import FullDesk, full_desk
from tests.unit.told_people import Place, PostOffice, html_of, post_office, text_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SAYS = "<script>window.hit=1</script>"
HOSTILE = (
    f"{SAYS}\"><img src=x onerror=\"window.hit=1\"> ' onfocus='window.hit=1' autofocus {{{{ 7*7 }}}}{{% raw %}} "
    "javascript:window.hit=1 </textarea></title></svg><svg onload=window.hit=1> \r\nX-Injected: 1\r\n\r\n"
    "\x1b[31mrött\x1b[0m\x1b]0;titel\x07 \u202etxt.exe\u202c \u200b=1+1"
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", '=HYPERLINK("http://elak.example","x")')
# What a row is found by, and what the database lets be one of a few words only.
KEPT = {
    "task", "name", "started_by", "taken_by", "by", "system", "robot", "source", "scope", "about", "key", "request",
    "mark", "schedule", "host", "pid_started", "file_sha256", "language", "theme", "password_hash", "person", "kind",
    "state", "case_number", "picture", "at", "place", "did", "order", "link", "effect_key", "digest", "file",
    "closed_by", "answered_by", "task_version", "written", "sheet",
}  # fmt: skip
TASK = '''"""{hostile}"""
from robots import Run, ShortText, task


@task(title={title!r}, owner="Samhällsbyggnad", saves_minutes=5)
def hostile_task(run: Run, words: ShortText = {title!r}) -> None:
    """{hostile}"""
    with run.step({title!r}):
        pass
'''


def spoil(full: FullDesk) -> int:
    """Write it into every field of every row that the database lets it into. Returns how many columns that are."""
    spoiled = 0
    for table in metadata.tables.values():
        for column in table.columns:
            if column.name in KEPT or column.primary_key or column.foreign_keys or table.name.startswith("audit"):
                continue
            try:
                spoiled += _spoil(full.desk.store, table, column)
            except DBAPIError:
                continue  # one of a few words, or one of its kind
    with full.desk.store.begin() as connection:
        note(connection, "gun", "looked", "K-1", reason=HOSTILE, words=HOSTILE)
        connection.execute(update(accounts).values(shown_name=HOSTILE))
        connection.execute(update(batches).values(file_name=f"{HOSTILE}.xlsx"))
    plain = SAYS.replace('"', "'")
    (full.desk.settings.tasks_dir / "hostile.py").write_text(TASK.format(title=plain, hostile=plain), "utf-8")
    return spoiled


def _spoil(store: Store, table: Any, column: Any) -> int:
    with store.begin() as connection:
        if isinstance(column.type, Text):
            return int(connection.execute(update(table).where(column != "").values({column: HOSTILE})).rowcount > 0)
        if not isinstance(column.type, JSONB):
            return 0
        key = inspect(table).primary_key.columns[0]
        rows = connection.execute(select(key, column).where(column.is_not(None))).all()
        for number, told in rows:
            connection.execute(update(table).where(key == number).values({column: _spoiled(told)}))
        return int(bool(rows))


def _spoiled(told: Any, name: str = "") -> Any:
    if isinstance(told, dict):
        return {key: _spoiled(value, key) for key, value in told.items()}
    if isinstance(told, list):
        return [_spoiled(value, name) for value in told]
    return HOSTILE if isinstance(told, str) and name not in KEPT else told


@pytest.fixture
def office(machine: Settings, store: Store, tmp_path: Path, browser: WarmBrowser) -> Iterator[Office]:
    window = browser.take_window()
    with full_desk(machine, store, tmp_path) as full:
        assert spoil(full) > 25, "much less is tried than was"
        sat = Office(full, window.context.browser, {}, [])
        yield sat
        for page in sat.windows.values():
            page.context.close()
    window.close()


def what_runs(page: Page) -> list[str]:
    """What of the page is not ours: the flag that is set, and whatever could set it at a click."""
    return list(
        page.evaluate("""() => [
      ...(window.hit ? ['it has run'] : []),
      ...[...document.querySelectorAll('*')].flatMap((each) => [...each.attributes]
        .filter(({ name, value }) => name.startsWith('on')
          || /^\\s*javascript:/i.test(value) && ['href', 'src', 'action'].includes(name))
        .map(({ name }) => `${each.tagName} has ${name}`)),
      ...[...document.querySelectorAll('script:not([src^="/assets/"]), img[src="x"], iframe, object')]
        .map((each) => each.outerHTML),
    ]""")
    )


def open_all(office: Office, most: int) -> tuple[list[str], str]:
    """What runs on any page, each opened in ``most`` ways by as many people, and all that is read on them."""
    faults, read = [], []
    for path, addresses in PAGES.items():
        for name in seats_at(path)[:most]:
            for address in addresses[:most]:
                page = office.window(name)
                page.goto(office.full.desk.address + address.format(**office.full.has))
                faults += [f"{address} of {name}: {each}" for each in what_runs(page)]
                read.append(page.locator("body").inner_text())
    return faults, "\n".join(read)


@pytest.mark.parametrize("most", [1, pytest.param(99, marks=pytest.mark.long)])
def test_no_page_runs_what_a_text_says(office: Office, most: int) -> None:
    faults, read = open_all(office, most)
    assert not faults, "\n".join(faults)
    assert not [each for each in office.wrong if "status of" not in each], office.wrong
    assert read.count(SAYS) > 40, "shown as text"
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|49\{%", read), "nothing is calculated"


def test_without_the_guards_it_would_run(
    machine: Settings, store: Store, tmp_path: Path, browser: WarmBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(portal_app.HEADERS, "Content-Security-Policy", "default-src * 'unsafe-inline'")
    for language in ("sv", "en"):
        monkeypatch.setattr(pages._environment(language), "autoescape", False)
        monkeypatch.setattr(pages._environment(language), "cache", None)  # of templates that are made already
    window = browser.take_window()
    try:
        with full_desk(machine, store, tmp_path) as full:
            spoil(full)
            page = _logged_in(full, window)
            page.goto(f"{full.desk.address}/runs")
            assert "it has run" in what_runs(page)
    finally:
        window.close()
        pages._environment.cache_clear()


def _logged_in(full: FullDesk, window: Window) -> Page:
    token = full.desk.person("gun").cookies[COOKIE]
    window.context.add_cookies([{"name": COOKIE, "value": token, "url": full.desk.address}])
    return window.page()


def test_reports_mails_sheets_and_files_run_nothing(office: Office, tmp_path: Path) -> None:
    full, page = office.full, office.window("")
    reports = [
        full.desk.person("gun").get(f"/runs/{full.has[name]}/report").text for name in ("done", "mine", "waiting")
    ]
    with post_office() as delivered:
        mails = _mails(full, delivered, tmp_path)
    read = ""
    for html in (*reports, *(html_of(mail) for mail in mails)):
        page.set_content(html)
        assert [each for each in what_runs(page) if "<script>" not in each or "hit" in each] == []
        read += page.locator("body").inner_text()
    assert read.count(SAYS) > 10, "shown as text"
    for mail in mails:
        assert "X-Injected" not in mail
        assert "\x1b" not in text_of(mail)
    _end_with_formulas(full)
    for name, address in (
        ("gun", "/excel/batches/{batch}/result"),
        ("lena", "/statistics/workbook"),
        ("adam", "/audit/file"),
    ):
        told = full.desk.person(name).get(address.format(**full.has))
        assert told.status_code == 200, address
        assert "X-Injected" not in told.headers
        if "audit" not in address:
            texts, formulas = _cells(told.content)
            assert formulas == []
            assert set(FORMULAS[:4]) <= texts


def _end_with_formulas(full: FullDesk) -> None:
    """The batch's runs have ended for reasons that a sheet would calculate, and so have runs of last month."""
    with full.desk.store.begin() as connection:
        waiting = (
            select(batch_rows.c.run_id).join(runs, runs.c.id == batch_rows.c.run_id).where(runs.c.state == "queued")
        )
        asked = connection.execute(waiting).scalars().all()
    month = (datetime.now(ZONE).replace(day=1) - timedelta(days=1)).strftime("%Y-%m-09 10:00")
    for run_id, words in zip(asked, FORMULAS, strict=False):
        claimed = claim(full.desk.store, run_id, this_process())
        assert claimed is not None
        finish(full.desk.store, claimed, Outcome("handed_over", words, words, words))
        Ended(full.desk.settings, full.desk.store).run("handed_over", month, task="send_drawings", kind=words)


def _mails(full: FullDesk, office: PostOffice, folder: Path) -> list[Any]:
    (folder / "told").mkdir()
    place = Place.laid(
        full.desk.settings.model_copy(update={"schedules_dir": folder}), full.desk.store, folder / "told", office
    )
    place.write('[drift]\nmail = "drift@tallinge.example"\ndigest = true\n')
    place.run_ended("failed", HOSTILE, reason=HOSTILE, todo=HOSTILE)
    place.run_ended("handed_over", HOSTILE, reason=HOSTILE, todo=HOSTILE)
    place.breaker("open", place.now, why=HOSTILE)
    place.at("2026-11-09 09:10")
    place.at("2026-11-10 07:05")
    assert len(office.delivered) > 1
    return office.delivered


def _cells(content: bytes) -> tuple[set[str], list[str]]:
    """The texts of a workbook, and the formulas in it that are not its own."""
    cells = [cell for sheet in load_workbook(io.BytesIO(content)) for row in sheet for cell in row]
    texts = {str(cell.value) for cell in cells if cell.data_type == "s"}
    return texts, [str(cell.value) for cell in cells if cell.data_type == "f"]


def test_the_command_line_shows_it_without_obeying_it(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(["Vad"], [[HOSTILE], *([each] for each in FORMULAS)])
    console.say(HOSTILE)
    told = capsys.readouterr().out
    assert SAYS in told
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", told)
