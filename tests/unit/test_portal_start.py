"""Starting a run at the desk: finding the task, its form, what is said before it starts, and that it starts once."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Row, func, insert, select, text, update
from stdnum import luhn

from robots.portal.request_keys import KEYS_KEPT_SECONDS
from robots.portal.search import fits
from robots.queue.breakers import note_failure
from robots.queue.pauses import pause, system_scope, task_scope
from robots.queue.runs import submit
from robots.settings import Settings, load_settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import audit_events, effects, orders, outcomes, runs, start_requests
from robots.task_files import load_tasks
from tests.conftest import ROOT
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.runs import new_attempt

CASE, PROPERTY, PERSON = "KC-26110042-4", "EKBACKEN 3:14", "19811118-9802"
DRAWINGS = {"case_number": CASE, "property_id": PROPERTY}
BIN = {"case_number": CASE, "facility": "AN104024-5", "kind": "Missat kärl", "day": "2026-11-24"}
USED = ("send_drawings", "book_waste_pickup", "propose_school_transport", "tell_invoice", "tell_permit_status")
BROKEN = 'raise RuntimeError("<b>100 %</b> trasig")\n'


@pytest.fixture
def place(machine: Settings, tmp_path: Path) -> Settings:
    """A municipality with a few of the tasks, one of them broken; its town is not there, since nothing is run."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "tasks").mkdir()
    for name in USED:
        shutil.copy(ROOT / "tasks" / f"{name}.py", tmp_path / "tasks")
    (tmp_path / "tasks" / "half_done.py").write_text(BROKEN, "utf-8")
    return load_settings(
        data_dir=machine.data_dir, config_dir=tmp_path / "config", tasks_dir=tmp_path / "tasks",
        schedules_dir=ROOT / "schedules", town="http://127.0.0.1:9",
    )  # fmt: skip


@pytest.fixture
def desk(place: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(place, store) as opened:
        yield opened


@dataclass
class Guide:
    """Somebody at the start pages."""

    client: Client

    def form(self, address: str = "send-drawings") -> str:
        answer = self.client.get(f"/run/{address}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def start(self, task: str = "send-drawings", *, key: str = "", **typed: str) -> httpx.Response:
        """As the form sends it, each time as a page of its own unless it is the same ``key``."""
        key = key or re.findall(r'name="_key" value="([^"]+)"', self.form(task))[-1]
        return self.client.send_form(f"/run/{task}", _key=key, **(typed or DRAWINGS))

    def check(self, task: str = "send-drawings", **typed: str) -> dict[str, Any]:
        answer = self.client.send_form(f"/run/{task}/check", **typed)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = json.loads(answer.text)
        return told


@pytest.fixture
def gun(desk: Desk) -> Guide:
    return Guide(desk.person("gun"))


def case(number: int) -> str:
    digits = f"2611{number:04d}"
    return f"KC-{digits}-{luhn.calc_check_digit(digits)}"


def asked(desk: Desk, task: str = "send-drawings", *, by: str = "gun", state: str = "", **typed: str) -> int:
    """A run as somebody has asked for it, in this state."""
    found = load_tasks(desk.settings.tasks_dir).find(task)
    made = submit(
        desk.store, found, found.inputs.parse(typed or DRAWINGS), robot="ragnhild", source="guide", started_by=by
    )
    if state:
        ended = {"state": state, "finished_at": func.clock_timestamp()}
        with desk.store.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == made.run_id).values(ended))
            connection.execute(insert(outcomes).values(run_id=made.run_id, outcome=state, reason="Därför."))
        _leave_receipt(desk, made.run_id)
    return made.run_id


def _leave_receipt(desk: Desk, run_id: int) -> None:
    made = {
        "key": "k",
        "mark": "R-1",
        "run_id": run_id,
        "attempt_id": new_attempt(desk.store, run_id),
        "receipt": "M-4711",
    }
    told = {"task": "send_drawings", "system": "case_management", "name": "send_message", "once": "ritningar"}
    with desk.store.begin() as connection:
        connection.execute(insert(effects).values(**made, **told, state="CONFIRMED"))


def all_runs(desk: Desk) -> list[Row[Any]]:
    with desk.store.begin() as connection:
        return list(connection.execute(select(runs).order_by(runs.c.id)))


# -- finding the task -------------------------------------------------------------------------------------------------


def test_a_guide_is_led_to_the_tasks_and_the_others_to_what_runs(desk: Desk, gun: Guide) -> None:
    shown = gun.client.get("/").text
    assert 'href="/run/send-drawings"' in shown
    owners = re.findall(r'<h2 id="owner-\d">([^<]+)', shown)
    assert owners == ["Samhällsbyggnad", "Ekonomi", "Teknik och renhållning", "Utbildning"]  # her own team's first
    for name in ("adam", "rut"):
        led = desk.person(name).get("/")
        assert (led.status_code, led.headers["location"]) == (303, "/runs")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("RITN", True), ("  ritning  skicka ", True), ("samhälls", True), ("SÖKANDE", True), ("so\u0308kande", True),
        ("sokande", False), ("fastighét", True), ("ritning sopor", False), ("", True), ("planritning", True),
    ],
)  # fmt: skip
def test_a_few_letters_find_a_task_anywhere_in_its_words(tmp_path: Path, typed: str, found: bool) -> None:
    """Å, ä and ö are letters of their own; other accents, and the case, are nobody's hindrance."""
    source = (ROOT / "tasks" / "send_drawings.py").read_text("utf-8")
    told = "skickar dem till den sökande."
    (tmp_path / "t.py").write_text(
        source.replace(told, f"{told}\n\n    Sökord: planritning, bygglovsritning."), "utf-8"
    )
    assert fits(load_tasks(tmp_path).find("send_drawings"), typed) is found


def test_enter_opens_the_only_one_that_fits_and_says_so_when_none_does(gun: Guide) -> None:
    assert gun.client.get("/?q=avfall").headers["location"] == "/run/book-waste-pickup"
    several = gun.client.get("/?q=bygg").text
    assert "Skicka ritningar" in several
    assert "Föreslå skolskjuts" not in several
    assert re.search(r'id="none">Ingen uppgift passar', gun.client.get("/?q=zebra").text)


def test_what_is_started_most_comes_first_ones_own_before_the_teams(desk: Desk, gun: Guide) -> None:
    for n in range(3):
        asked(desk, "tell-permit-status", by="lena", case_number=case(n), permit="BYGG 2026-000123")
    for n in range(2):
        asked(desk, "tell-invoice", by="olle", case_number=case(n), ocr="6200000104")  # another team's
    asked(desk)
    old = asked(desk, "book-waste-pickup", **BIN)
    with desk.store.begin() as connection:
        long_ago = func.clock_timestamp() - span(91 * 24 * 3600)
        connection.execute(update(runs).where(runs.c.id == old).values(created_at=long_ago))
    usual = gun.client.get("/").text.split('class="usual"')[1].split("</ol>")[0]
    assert re.findall(r'href="/run/([^"]+)" data-key="(\d)"', usual) == [
        ("send-drawings", "1"),
        ("tell-permit-status", "2"),
    ]


def test_a_broken_task_tells_its_place_to_those_who_mend_it_and_its_absence_to_guides(desk: Desk, gun: Guide) -> None:
    for address in ("/", "/run/half-done"):
        told = gun.client.get(address)
        assert "half-done går inte att använda just nu" in told.text
        assert "trasig" not in told.text
        shown = desk.person("lena").get(address).text
        assert "half_done.py, rad 1: RuntimeError: &lt;b&gt;100 %&lt;/b&gt; trasig" in shown
    assert gun.client.get("/run/half-done").status_code == 409
    assert gun.client.get("/run/nowhere").status_code == 404


def test_a_task_whose_robot_lacks_a_right_cannot_be_started(place: Settings, store: Store) -> None:
    file = place.config_dir / "access.toml"
    file.write_text(file.read_text("utf-8").replace('drawing_archive = "read"\n', "", 1), "utf-8")
    with desk_over(place, store) as desk:
        gun = Guide(desk.person("gun"))
        assert 'href="/run/send-drawings"' not in gun.client.get("/").text
        assert gun.client.get("/run/send-drawings").status_code == 409
        assert gun.client.send_form("/run/send-drawings", **DRAWINGS).status_code == 409
        assert "drawing_archive" in desk.person("lena").get("/").text
        assert all_runs(desk) == []


# -- the form ---------------------------------------------------------------------------------------------------------


def focused(shown: str) -> list[str]:
    return re.findall(r'id="f-(\w+)"[^>]* autofocus', shown)


def test_a_deep_link_opens_the_filled_form_at_its_first_empty_field(gun: Guide) -> None:
    shown = gun.form(f"send-drawings?case_number={CASE}&farg=bl%C3%A5")
    assert f'value="{CASE}"' in shown
    assert focused(shown) == ["property_id"]
    assert "Adressen har «farg», som uppgiften inte har något fält för." in shown
    assert "Fältet måste fyllas i" not in shown
    full = gun.form(f"send_drawings?case-number={CASE}&property=ekbacken 3:14&message=Hej")
    assert focused(full) == []
    assert re.search(r'<button class="main" autofocus>Starta', full)


def test_what_is_wrong_in_the_address_is_said_at_its_field(gun: Guide) -> None:
    shown = gun.form("send-drawings?case_number=KC-26110042-9")
    assert "Kontrollsiffran i ärendenumret stämmer inte." in shown
    assert focused(shown) == ["case_number"]


def test_a_personal_number_is_not_taken_from_an_address(gun: Guide) -> None:
    shown = gun.form(f"propose-school-transport?child={PERSON}")
    assert f'value="{PERSON}"' not in shown
    assert "Barnets personnummer fylls inte i från adressen" in shown


def test_each_fault_stands_at_its_field_and_what_was_typed_is_kept(desk: Desk, gun: Guide) -> None:
    answer = gun.start(case_number="KC-1", property_id='"><script>alert(1)</script>', message="Hej & <b>hå</b>")
    assert answer.status_code == 422
    assert 'value="KC-1"' in answer.text
    assert "Hej &amp; &lt;b&gt;hå&lt;/b&gt;</textarea>" in answer.text
    assert "<script>alert" not in answer.text
    for name, words in {"case_number": "Skriv KC, åtta siffror", "property_id": "Skriv trakt eller kvarter"}.items():
        field = re.search(rf'<input [^>]*id="f-{name}"[^>]*>', answer.text)
        assert field
        assert 'aria-invalid="true"' in field[0]
        assert f"f-{name}-fault" in field[0]
        assert re.search(rf'id="f-{name}-fault">{words}', answer.text)
    assert focused(answer.text) == ["case_number"]
    assert all_runs(desk) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"message": "a\x00b"}, "tecken som inte går att spara"),
        ({"message": "x" * 20_001}, "Skriv högst 20000 tecken"),
        ({"colour": "blå"}, "Uppgiften har inget sådant fält"),
    ],
)  # fmt: skip
def test_what_no_field_takes_is_told_and_starts_nothing(
    desk: Desk, gun: Guide, typed: dict[str, str], words: str
) -> None:
    answer = gun.start(**DRAWINGS, **typed)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert all_runs(desk) == []


def test_a_box_that_is_not_ticked_is_a_no_and_a_question_must_be_answered(desk: Desk, gun: Guide) -> None:
    """A browser sends nothing for an empty box, and nothing would mean the signature's own yes."""
    shown = gun.form("book-waste-pickup")
    assert re.search(r'type="hidden" name="keep_ordinary" value="nej">\s*<label[^>]*><input type="checkbox"', shown)
    assert gun.start("book-waste-pickup", **BIN, keep_ordinary="nej").status_code == 303
    assert all_runs(desk)[0].inputs["keep_ordinary"] is False
    unanswered = gun.start("propose-school-transport", case_number=CASE, child=PERSON, when="Nästa läsår")
    assert re.search(r'id="f-alternating-fault">Fältet måste fyllas i', unanswered.text)


def test_the_page_says_what_will_happen(gun: Guide) -> None:
    told = re.sub(r"\s+", " ", gun.form().split("<aside")[1])
    assert "<li>Leta upp fastigheten</li>" in told
    assert re.search(r"Skicka till den sökande *<span[^>]*>sparar «ritningar» i Ärendehantering Artina", told)
    assert "Ritningsarkivet e-Arkiv Tallinge: läser<" in told
    assert "Ärendehantering Artina: läser och ändrar" in told
    assert re.search(r"Skyddsobjekt *<span[^>]*>Kontakta arkivarien innan något lämnas ut", told)
    assert "Stöd: roboten gör det du ber om och bestämmer ingenting." in told
    assert "Förslag: roboten förbereder. En handläggare beslutar." in gun.form("propose-school-transport")


def test_it_is_there_in_english(gun: Guide) -> None:
    gun.client.send_form("/me", language="en", theme="auto")
    assert "What shall the robot do?" in gun.client.get("/").text
    assert "This will happen" in gun.form()


# -- what a run would wait for ----------------------------------------------------------------------------------------


def test_a_system_that_is_closed_broken_or_paused_is_said_before_the_start(place: Settings, store: Store) -> None:
    file = place.config_dir / "systems.toml"
    away = '{ since = 2020-01-01T00:00:00, until = 2099-01-01T00:00:00, why = "byte av arkiv" }'
    never = f'hours = "06:00-20:00"\nmaintenance = [{away}]\n'
    file.write_text(file.read_text("utf-8").replace("[drawing_archive]\n", f"[drawing_archive]\n{never}"), "utf-8")
    note_failure(store, "detail_plan_map", "ragnhild", "Tallingekartan svarar inte", limit=1)
    pause(store, system_scope("population_register"), by="adam", reason="byte av lösenord")
    with desk_over(place, store) as desk:
        gun = Guide(desk.person("gun"))
        words = (
            "Ritningsarkivet e-Arkiv Tallinge är stängt till 2099-01-01 06:00: byte av arkiv; körningen väntar.",
            "Tallingekartan svarar inte; körningen väntar.",
            "Kommuninvånarregistret KIR är pausat: byte av lösenord; körningen väntar.",
        )
        for shown in (gun.client.get("/").text, gun.form()):
            assert [each for each in words if each not in shown] == []
        assert words[0] not in gun.form("tell-permit-status")
        assert gun.start().status_code == 303


def test_a_paused_task_says_by_whom_and_why_and_is_not_started(desk: Desk, gun: Guide) -> None:
    key = "left-open"
    pause(desk.store, task_scope("send_drawings"), by="adam", reason="arkivet har bytt inloggning")
    words = "Pausad av adam därför att: arkivet har bytt inloggning"
    assert words in gun.client.get("/").text
    shown = gun.form()
    assert words in shown
    assert 'class="main"' not in shown
    answer = gun.start(key=key)
    assert (answer.status_code, words in answer.text) == (409, True)
    assert all_runs(desk) == []
    assert gun.start("tell-permit-status", case_number=CASE, permit="BYGG 2026-000123").status_code == 303


# -- the start --------------------------------------------------------------------------------------------------------


def test_a_start_leads_to_its_run_and_is_noted(desk: Desk, gun: Guide) -> None:
    answer = gun.start(case_number="kc-26110042-4", property_id="tallinge ekbacken 3:14", message="Hej", _how="ask")
    (run,) = all_runs(desk)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.id}")
    assert (run.started_by, run.source, run.robot, run.case_number) == ("gun", "guide", "ragnhild", CASE)
    assert run.inputs == {**DRAWINGS, "message": "Hej"}
    assert (run.asks_first, run.dry_run) == (True, False)
    with desk.store.begin() as connection:
        noted = connection.execute(select(audit_events).where(audit_events.c.did == "started")).one()
    assert (noted.by, noted.about) == ("gun", f"K-{run.id}")
    assert CASE not in json.dumps(noted.detail)


def test_who_may_not_start_starts_nothing(desk: Desk) -> None:
    for name in ("adam", "rut"):
        client = desk.person(name)
        answers = [client.get("/run/send-drawings"), client.send_form("/run/send-drawings", **DRAWINGS),
                   client.send_form("/run/send-drawings/check", **DRAWINGS)]  # fmt: skip
        assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert desk.guest().get("/run/send-drawings").headers["location"].startswith("/login?to=%2Frun%2Fsend-drawings")
    assert all_runs(desk) == []


def test_a_double_click_is_one_run_and_lands_on_the_same_page(desk: Desk, gun: Guide) -> None:
    """A dry run is a request of its own each time: only the page's key makes two clicks one."""
    token = re.search(r'name="csrf" value="([^"]+)"', gun.form())
    assert token
    sent = DRAWINGS | {"csrf": token[1], "_how": "dry"}
    with ThreadPoolExecutor(4) as clicks:
        with desk.store.begin() as connection:
            connection.execute(text("lock table runs in share row exclusive mode"))
            at_once = [clicks.submit(gun.client.post, "/run/send-drawings", data=sent | {"_key": "k"}) for _ in "1234"]
            _wait_for_sessions_that_wait(desk.store, len(at_once))
        answers = [click.result(10) for click in at_once]
    (run,) = all_runs(desk)
    assert {(a.status_code, a.headers.get("location")) for a in answers} == {(303, f"/runs/{run.id}")}
    gun.client.post("/run/send-drawings", data=sent | {"_key": "another-page"})
    assert len(all_runs(desk)) == 2


def _wait_for_sessions_that_wait(store: Store, number: int) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with store.begin() as connection:
            if connection.execute(waiting).scalar_one() == number:
                return
        time.sleep(0.01)  # the database tells when asked
    raise AssertionError(f"{number} clicks are not on their way at once")


def test_a_key_is_its_accounts_own_and_for_one_start(desk: Desk, gun: Guide) -> None:
    gun.start(key="k", _how="dry", **DRAWINGS)
    refused = gun.start(key="k", _how="dry", case_number=case(7), property_id=PROPERTY)
    assert refused.status_code == 422
    assert "har redan gett körning K-1, med andra uppgifter" in refused.text
    assert 'name="_key" value="k"' not in refused.text
    assert len(all_runs(desk)) == 1
    assert Guide(desk.person("lena")).start(key="k", _how="dry", **DRAWINGS).headers["location"] == "/runs/2"


@pytest.mark.parametrize("key", ["a\x00b", "å", "x" * 201])
def test_what_is_no_key_is_refused_in_words(desk: Desk, gun: Guide, key: str) -> None:
    answer = gun.start(key=key)
    assert (answer.status_code, "1 till 200 tecken" in answer.text) == (422, True)
    assert all_runs(desk) == []


def test_old_keys_are_cleared_and_younger_ones_kept(desk: Desk, gun: Guide) -> None:
    gun.start(key="gammal", case_number=case(1), property_id=PROPERTY)
    gun.start(key="yngre", case_number=case(2), property_id=PROPERTY)
    with desk.store.begin() as connection:
        aged = func.clock_timestamp() - span(KEYS_KEPT_SECONDS + 60)
        connection.execute(update(start_requests).where(start_requests.c.key == "gammal").values(at=aged))
    gun.start(key="ny", case_number=case(3), property_id=PROPERTY)
    with desk.store.begin() as connection:
        assert set(connection.execute(select(start_requests.c.key)).scalars()) == {"yngre", "ny"}


# -- what was done before ---------------------------------------------------------------------------------------------


def test_what_is_done_is_said_and_made_again_only_with_a_reason(desk: Desk, gun: Guide) -> None:
    done = asked(desk, by="lena", state="done")
    assert "Skicka ritningar gjordes i dag" in gun.form(f"send-drawings?case_number={CASE}&property={PROPERTY}")
    told = gun.start()
    assert told.status_code == 409
    assert re.search(
        r"Redan gjort</h2>\s*<p>Skicka ritningar gjordes i dag \d\d:\d\d av Ragnhild, på beställning av lena", told.text
    )
    assert f'href="/runs/{done}"' in told.text
    assert re.search(r"<dt>ritningar</dt><dd>kvittens M-4711</dd>", told.text)
    again = DRAWINGS | {"_anew": str(done), "message": "Den här gången med hälsning"}
    silent = gun.start(**again, _reason="  ")
    assert silent.status_code == 422
    assert 'id="reason-fault">Skriv varför' in silent.text
    assert len(all_runs(desk)) == 1
    answer = gun.start(**again, _reason="Ritningarna kom inte fram")
    _, made = all_runs(desk)
    assert answer.headers["location"] == f"/runs/{made.id}"
    assert (made.earlier_run, made.again, made.started_by) == (done, 1, "gun")
    assert made.inputs["message"] == "Den här gången med hälsning"
    with desk.store.begin() as connection:
        assert connection.execute(select(orders.c.reason)).scalars().all() == ["Ritningarna kom inte fram"]
        assert "Ritningarna kom inte fram" in connection.execute(select(audit_events.c.reason)).scalars().all()


def test_making_it_again_is_for_the_same_request_only(desk: Desk, gun: Guide) -> None:
    other = asked(desk, state="done", case_number=case(5), property_id=PROPERTY)
    answer = gun.start(**DRAWINGS, _anew=str(other), _reason="Pröva")
    assert (answer.status_code, "har inte samma uppgifter" in answer.text) == (422, True)
    for odd in ({"_anew": "x", "_reason": "Pröva"}, {"_anew": str(other), "_reason": "a\x00b"}):
        assert gun.start(**DRAWINGS, **odd).status_code == 422
    assert len(all_runs(desk)) == 1


@pytest.mark.parametrize(
    ("state", "words", "button"),
    [("", "Pågår redan", ""), ("handed_over", "lämnades över till en handläggare", ""),
     ("failed", "misslyckades", "Försök igen"),
     ("cancelled", "avbröts", "Försök igen")],
)  # fmt: skip
def test_what_was_asked_for_before_is_not_asked_for_again(
    desk: Desk, gun: Guide, state: str, words: str, button: str
) -> None:
    earlier = asked(desk, state=state)
    told = gun.start()
    assert (told.status_code, words in told.text) == (409, True)
    assert f'href="/runs/{earlier}"' in told.text
    assert ("Försök igen</button>" in told.text) is bool(button)
    assert "Gör en gång till" not in told.text
    answer = gun.start(**DRAWINGS, _anew=str(earlier))
    assert answer.status_code == (303 if button else 422)
    assert [run.earlier_run for run in all_runs(desk)] == [None, earlier] if button else [None]


def test_another_teams_run_is_told_without_its_receipts(desk: Desk) -> None:
    earlier = asked(desk, state="done")
    told = Guide(desk.person("olle")).start()
    assert (told.status_code, "gjordes i dag" in told.text) == (409, True)
    assert f'href="/runs/{earlier}"' not in told.text
    assert [words for words in ("Därför.", "M-4711") if words in told.text] == []


# -- while it is typed ------------------------------------------------------------------------------------------------


def test_what_is_typed_is_checked_and_looked_up(desk: Desk, gun: Guide) -> None:
    for n in range(10):
        asked(desk, case_number=case(n), property_id=f"EKBACKEN 3:{n + 1}")
    asked(desk, "tell-invoice", by="olle", case_number=CASE, ocr="6200000104")
    asked(desk, state="done")
    told = gun.check(case_number="kc-26110042-4", property_id="ekb")
    assert told["faults"]["case_number"] == ""
    assert told["faults"]["property_id"].startswith("Skriv trakt eller kvarter")
    assert told["suggested"]["property_id"] == [PROPERTY, *(f"EKBACKEN 3:{n}" for n in range(10, 3, -1))]
    (known,) = told["known"]
    assert re.fullmatch(r"Ärendet har körningar: Skicka ritningar, klar i dag \d\d:\d\d", known["words"])
    whole = gun.check(**DRAWINGS)
    assert [(line["run"], "gjordes" in line["words"]) for line in whole["known"]] == [(12, True)]
    assert len(all_runs(desk)) == 12


def test_nothing_is_suggested_that_is_another_teams_or_a_persons(desk: Desk, gun: Guide) -> None:
    asked(desk, "propose-school-transport", by="gun", case_number=CASE, child=PERSON, when="Nästa läsår",
          reason="Avståndet till skolan", alternating="nej")  # fmt: skip
    asked(desk, by="lena")
    assert gun.check("propose-school-transport", child="1981")["suggested"] == {}
    told = Guide(desk.person("olle")).check(case_number=CASE, property_id="EKB")
    assert (told["suggested"], told["known"]) == ({"property_id": []}, [])
    assert gun.check(property_id="EKB")["suggested"] == {"property_id": [PROPERTY]}
