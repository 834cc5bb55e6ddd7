"""``ragnhild doctor``: whether this machine has what the robots need, and what to do about what is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import typer

from robots.cli import console, machine
from robots.cli.examined.database import database_findings
from robots.cli.examined.files import backup_finding, retention_finding, secret_findings, written_findings
from robots.cli.examined.finding import Finding, readable, safely
from robots.cli.runs import AsJson
from robots.errors import ConfigurationError, SecretsUnavailable
from robots.local_time import ZONE
from robots.tls import trusted

if TYPE_CHECKING:
    from robots.settings import Robot, Settings

OLDEST_PYTHON = (3, 11)
# Evidence of some thousand runs; the robots themselves stop at a much lower mark.
LEAST_FREE_GB = 2.0
ANSWER_SECONDS = 5.0


def register(app: typer.Typer) -> None:
    app.command("doctor", help="Undersök maskinen och arbetet: vad är fel, och vad gör du åt det?")(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look at everything, whatever is found on the way. Exit code 1 when anything is wrong."""
    settings = machine.open_settings()
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            _show(finding)
    well = all(finding.ok for finding in findings)
    if as_json:
        console.print_json({"ok": well, "findings": [vars(finding) for finding in findings]})
    raise typer.Exit(0 if well else 1)


def _show(finding: Finding) -> None:
    console.say(f"{'ok ' if finding.ok else 'fel'}  {finding.name}: {finding.told}", "green" if finding.ok else "red")
    if not finding.ok:
        console.say(f"     Gör så här: {finding.todo}")


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding; none depends on another."""
    yield _python()
    yield safely("Webbläsare", lambda: _browser(settings), f"Kör som root: {sys.executable} -m robots.browser.install")
    yield from database_findings(settings)
    yield from written_findings(settings)
    yield _evidence(settings)
    yield safely("Säkerhetskopia", lambda: backup_finding(settings), "Kontrollera inställningen backup_folder.")
    yield safely("Gallring", lambda: retention_finding(settings), "Rätta filen, och kontrollera med: ragnhild check")
    yield from _systems(settings)
    yield from _secrets(settings)
    yield _four_eyes(settings)
    yield _walls(settings)
    yield _disk(settings)
    yield _time_zone()


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    enough = sys.version_info[:2] >= OLDEST_PYTHON
    return Finding("Python", enough, version, "" if enough else "Installera Python 3.11 eller senare.")


def _browser(settings: Settings) -> Finding:
    """Start it and let it show a page: one that is there may still lack what it needs."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as own_thread:  # Playwright wants a thread that no other browser is driven from
        return own_thread.submit(_page_shown, settings).result()


def _page_shown(settings: Settings) -> Finding:
    from playwright.sync_api import sync_playwright

    from robots.browser.launch import launch_browser

    with sync_playwright() as playwright:
        browser = launch_browser(playwright, settings.browser, watch=settings.watch)
        page = browser.new_page()
        page.set_content("<h1>Hej</h1>")
        seen = page.get_by_role("heading", name="Hej").count()
        version = browser.version
        browser.close()
    return Finding("Webbläsare", seen == 1, f"Chromium {version}", "Byt webbläsare med inställningen browser.")


def _evidence(settings: Settings) -> Finding:
    """Write where the evidence goes, as a run does. A shared folder is not made: it may be one that is not mounted."""
    folder, shared = settings.evidence_dir, settings.evidence_folder is not None
    seen = " (syns inte från andra maskiner)" if settings.database_url else ""
    told = f"{folder}, {'delad mapp' if shared else f'maskinens egen mapp{seen}'}"
    todo = "Kontrollera att mappen finns, är monterad och går att skriva i för den som kör robotarna."
    try:
        if not shared:
            folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(b"ragnhild")
            file.flush()
        free = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return Finding("Underlag", ok=False, told=f"{told}, går inte att skriva i ({error.strerror})", todo=todo)
    if shared and free < LEAST_FREE_GB:
        return Finding("Underlag", ok=False, told=f"{told}, är nästan full", todo="Frigör plats i mappen.")
    return Finding("Underlag", ok=True, told=told)


def _four_eyes(settings: Settings) -> Finding:
    """Told and not complained about: on a laptop nobody else is there to look."""
    told = (
        "på: en ändrad uppgift körs på riktigt först när två personer står för den"
        if settings.four_eyes
        else "av: den som kan ändra en uppgifts fil kan ensam få den körd på riktigt (inställningen four_eyes)"
    )
    return Finding("Fyra ögon", ok=True, told=told)


def _walls(settings: Settings) -> Finding:
    """What a task's process is shut in by. Another system than Linux has none of it, and nothing to mend by itself."""
    from robots.worker.task_process.walls import missing

    lacks = ", ".join(missing())
    told = (
        f"uppgifternas processer är inte instängda: det som saknas är {lacks}" if lacks else "uppgifter körs instängda"
    )
    todo = "Uppgradera kärnan, eller tillåt anropen i behållaren. Använd annars four_eyes och granska varje uppgift."
    if settings.walls_required:
        told += ", och utan det körs ingen uppgift (walls_required)" if lacks else ""
        todo = "Uppgradera kärnan, tillåt anropen i behållaren, eller kör uppgifterna på en maskin med Linux."
    ok = not lacks or (sys.platform != "linux" and not settings.walls_required)
    return Finding("Uppgifternas processer", ok, told, todo if lacks else "")


def _systems(settings: Settings) -> Iterator[Finding]:
    try:
        keys = list(settings.systems)
    except ConfigurationError as error:
        yield Finding("System", ok=False, told=str(error), todo="Rätta filen. Se: ragnhild check")
        return
    for key in keys:
        yield safely(f"System {key}", partial(_reachable, settings, key), "Kontrollera adressen i systems.toml.")


def _reachable(settings: Settings, key: str) -> Finding:
    import httpx

    name, todo = f"System {key}", "Kontrollera adressen i systems.toml och att maskinen når systemet."
    try:
        url = settings.system(key).url
    except ConfigurationError as error:
        return Finding(
            name, ok=False, told=str(error), todo="Starta övningskommunen, eller ange systemets egen adress."
        )
    try:
        answer = httpx.get(url, timeout=ANSWER_SECONDS, follow_redirects=True, verify=trusted())
    except httpx.HTTPError as error:
        return Finding(name, ok=False, told=f"{url} svarar inte ({type(error).__name__})", todo=todo)
    return Finding(name, answer.status_code < 400, f"{url} svarar {answer.status_code}", todo)


def _secrets(settings: Settings) -> Iterator[Finding]:
    try:
        robots = list(settings.robots.values())
        _ = settings.access
    except ConfigurationError as error:
        yield Finding("Lösenord", ok=False, told=str(error), todo="Rätta filen. Se: ragnhild check")
        return
    for robot in robots:
        yield _secrets_of(settings, robot)
    yield from secret_findings(settings, besides={"database", *(robot.name for robot in robots)})


def _secrets_of(settings: Settings, robot: Robot) -> Finding:
    """A robot's passwords in all systems it was granted. Whether they are right only a login tells."""
    name = f"Lösenord för {robot.name}"
    granted = list(settings.access.get(robot.name, {}))
    missing = []
    for key in granted:
        try:
            settings.password(robot.name, key)
        except SecretsUnavailable as error:
            return Finding(name, ok=False, told=str(error), todo="Se var hemligheterna ligger: ragnhild config")
        except ConfigurationError:
            missing.append(key)
    open_files = [p for p in settings.secrets_dir.glob("*") if p.name.split(".")[0] == robot.name and readable(p)]
    if missing:
        todo = f"Lägg lösenordet i filen {settings.secrets_dir / robot.name}, läsbar bara för den som kör robotarna."
        return Finding(name, ok=False, told=f"saknas för {', '.join(missing)}", todo=todo)
    if open_files:
        names = ", ".join(str(path) for path in open_files)
        return Finding(name, ok=False, told=f"andra kan läsa {names}", todo=f"Kör: chmod 600 {names}")
    return Finding(name, ok=True, told=f"finns för {', '.join(granted) or 'inga system'}")


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free / 1e9
    told = f"{free:.1f} GB ledigt i {settings.data_dir}".replace(".", ",", 1)
    todo = f"Frigör plats: minst {LEAST_FREE_GB:g} GB behövs för underlag och databas."
    return Finding("Disk", free >= LEAST_FREE_GB, told, todo)


def _time_zone() -> Finding:
    """Dates in letters, notes and bookings are the machine's own dates."""
    now = datetime.now(UTC)
    ours, theirs = now.astimezone().utcoffset(), now.astimezone(ZONE).utcoffset()
    told = f"{now.astimezone():%Y-%m-%d %H:%M} ({now.astimezone().tzname()})"
    todo = "Ställ in tidszonen Europe/Stockholm, för maskinen eller med TZ=Europe/Stockholm i tjänstens miljö."
    return Finding("Klocka och tidszon", ours == theirs, told, todo)
