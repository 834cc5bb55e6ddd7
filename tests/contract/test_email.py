"""What only mail does: late receipts, broken conversations, strangers' mails. The judge is the town."""

from __future__ import annotations

import base64
import imaplib
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from robots.cases import email
from robots.cases.email import wire
from robots.cases.email.post import servers
from robots.cases.email.post.mailed import Mailed
from robots.cases.email.wire import message_id, order
from robots.cli.town import Town
from robots.effects import Ledger
from robots.errors import (
    BusinessException,
    ConfigurationError,
    EffectRefused,
    EffectUncertain,
    EffectUnverified,
    LoginFailed,
    PageNotRecognised,
    RecordLocked,
    SystemDown,
)
from robots.fields import CaseNumber, PersonalNumber
from robots.systems.documents import Document
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems.case_systems import PDF
from tests.contract.systems.kinds import ONCE, case_of
from tests.encrypted import BEFORE_IMAP, BEFORE_SMTP, certificate_for_loopback, encrypted, trusting

pytestmark = pytest.mark.browser
KEY = "email"
LATE = 60.0  # unless the town is asked to hurry


@pytest.fixture
def run(bench_for: Benches) -> RunAtWork:
    return bench_for.new_run(bench_for.robot_for(email.Writer))


def kinds(town: Town) -> list[str]:
    return [change["kind"] for change in town.truth(KEY)]


def writer(run: RunAtWork, settle: float = 0.3) -> email.Writer:
    """``settle``: how long the system may take, in seconds."""
    cases = run.driver(email.Writer)
    cases.bench.settings = cases.bench.settings.model_copy(update={"settle_seconds": settle})
    return cases


def noted(run: RunAtWork, town: Town) -> str:
    return writer(run).add_note(case_of(town), "Prov.", once=ONCE)


def wait_until(done: Callable[[], bool], run: RunAtWork) -> None:
    """The town is another process; there is nothing to wait on but what it tells."""
    cases = run.driver(email.Reader)
    for _ in range(100):
        if done():
            return
        cases.pause(0.05)
    raise AssertionError("the town did not do it")


# -- no receipt yet -------------------------------------------------------------------------------------------------


def test_a_mail_without_a_receipt_is_not_sent_again(run: RunAtWork, town: Town) -> None:
    """The mail server has it, and the case system takes its time: nobody knows yet, and nobody sends it again."""
    town.fault(KEY, "slow", method="DATA", seconds=LATE)
    with pytest.raises(EffectUnverified, match="inte kvitterat"):
        noted(run, town)
    assert (kinds(town), run.effect_states()) == ([], {ONCE: "UNKNOWN"})

    run.try_again()
    town.act(KEY, "hurry")
    wait_until(lambda: kinds(town) != [], run)
    receipt = noted(run, town)

    assert (kinds(town), run.effect_states()) == (["note_added"], {ONCE: "CONFIRMED"})
    assert receipt == town.act(KEY, "case", case_number=case_of(town))["events"][-1]["number"]


def test_control_without_a_look_at_what_was_sent_it_is_sent_again(
    run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mailed, "awaits_answer", lambda *_: False)
    town.act(KEY, "take_repeats")
    town.fault(KEY, "slow", method="DATA", seconds=LATE)

    noted(run, town)

    town.act(KEY, "hurry")
    wait_until(lambda: len(kinds(town)) > 1, run)
    assert kinds(town) == ["note_added"] * 2


def test_a_mail_that_did_not_get_into_the_folder_of_what_was_sent_is_one_change(run: RunAtWork, town: Town) -> None:
    """Neither a receipt nor a trace of the mail: it is sent again, and the case system knows its Message-ID."""
    town.fault(KEY, "down", method="APPEND")
    town.fault(KEY, "slow", method="DATA", seconds=LATE)

    noted(run, town)

    town.act(KEY, "hurry")
    wait_until(lambda: town.act(KEY, "dropped") == 1, run)
    assert [fault["hits"] for fault in town.ask("/faults")["set"]] == [1, 1]
    assert (kinds(town), run.effect_states()) == (["note_added"], {ONCE: "CONFIRMED"})


def test_the_message_id_is_made_of_the_mark(run: RunAtWork, town: Town) -> None:
    noted(run, town)
    cases = run.driver(email.Reader)
    mark = town.truth(KEY)[0]["facts"]["reference"]

    (sent,) = cases._mail()[1].letters(cases.names.sent, case_of(town), heads=True)

    assert sent.id == f"<{mark}@tallinge.example>"


@contextmanager
def ending_as_the_library_does(smtp: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    with smtp:
        yield smtp


@pytest.mark.parametrize(("kind", "guarded"), [("down", True), ("down", False), ("answer_lost", True)])
def test_a_server_that_does_not_say_goodbye_has_taken_the_mail(
    run: RunAtWork, town: Town, kind: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nothing would stand in the folder of what was sent, and a late receipt were taken for none."""
    if not guarded:
        monkeypatch.setattr(servers, "_leaving", ending_as_the_library_does)
    town.fault(KEY, kind, method="QUIT", how="fin")

    noted(run, town)

    cases = run.driver(email.Reader)
    assert (len(cases._mail()[1].letters(cases.names.sent)), kinds(town)) == (1 if guarded else 0, ["note_added"])


def in_between(town: Town, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """A colleague does this when the robot is just about to send."""
    arm = Ledger.arm

    def arm_too_late(self: Ledger, *told: Any) -> None:
        arm(self, *told)
        town.act(KEY, action, case_number=case_of(town))

    monkeypatch.setattr(Ledger, "arm", arm_too_late)


@pytest.mark.parametrize("awaited", [True, False])
def test_a_second_mail_waits_for_an_answer_of_its_own(
    run: RunAtWork, town: Town, awaited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first was refused for a lock, the second is refused for good: whoever goes by the first one never knows."""
    with monkeypatch.context() as first:
        in_between(town, first, "lock")
        with pytest.raises(RecordLocked, match="Anna Ek"):
            writer(run).claim(case_of(town), once=ONCE)
    town.act(KEY, "unlock", case_number=case_of(town))
    run.try_again()
    town.fault(KEY, "slow", method="DATA", seconds=0.2)
    in_between(town, monkeypatch, "put")
    if not awaited:
        monkeypatch.setattr(Mailed, "awaits_answer", lambda *_: False)

    with pytest.raises(BusinessException, match="avslutat"):
        writer(run, settle=1.5 if awaited else 0.3).claim(case_of(town), once=ONCE)

    assert (kinds(town), run.effect_states()) == ([], {ONCE: "REFUSED" if awaited else "UNKNOWN"})


# -- broken conversations -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["FETCH", "SEARCH", "AUTHENTICATE"])
@pytest.mark.parametrize(("kind", "how"), [("answer_lost", "rst"), ("answer_lost", "fin"), ("down", "")])
def test_a_reading_that_is_cut_is_no_reading(run: RunAtWork, town: Town, method: str, kind: str, how: str) -> None:
    cases = run.driver(email.Reader)
    town.fault(KEY, kind, method=method, how=how)

    with pytest.raises(SystemDown):
        cases.read(case_of(town))

    assert cases.read(case_of(town)).number == case_of(town)


def test_a_look_for_the_receipt_that_is_cut(run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_when_delivered(self: Mailed, *told: Any) -> int:
        code = deliver(self, *told)
        town.fault(KEY, "answer_lost", method="SEARCH", how="rst", times=2)
        return code

    deliver = Mailed._delivered
    monkeypatch.setattr(Mailed, "_delivered", cut_when_delivered)
    with pytest.raises(EffectUnverified):
        noted(run, town)

    run.try_again()
    noted(run, town)

    assert (kinds(town), run.effect_states()) == (["note_added"], {ONCE: "CONFIRMED"})


def test_mails_that_do_not_all_come_are_no_list(run: RunAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = run.driver(email.Reader)
    folders = cases._mail()[1]
    folders.letters("INBOX", "KC-")
    opened = folders._open
    assert opened is not None
    fetch = opened.fetch
    monkeypatch.setattr(opened, "fetch", lambda *told: ("OK", fetch(*told)[1][2:]))

    with pytest.raises(PageNotRecognised, match="visade"):
        cases.inbox("Omsorg")


# -- what is in the mails -------------------------------------------------------------------------------------------


def test_what_is_written_arrives_as_it_was_written(run: RunAtWork, town: Town) -> None:
    text = "Hej!\n\nKommando: Ta\nÄrende: KC-99120001-5\n.\nمرحبا " + "lång " * 300
    cases = run.driver(email.Writer)
    cases.add_note(case_of(town), text, once="anteckning")
    cases.hand_over(case_of(town), "Ett skäl:\nnej.", "Ring.\n\nStatus: Avslutat", once="överlämning")

    note, handover = (change["facts"] for change in town.truth(KEY))

    assert note["text"] == text
    assert (handover["reason"], handover["todo"]) == ("Ett skäl:\nnej.", "Ring.\n\nStatus: Avslutat")


def test_control_what_stands_in_several_lines_would_be_cut_off(
    run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_one_after_another", lambda value: value)

    run.driver(email.Writer).hand_over(case_of(town), "Ett skäl.", "Ring.\n\nStatus: Avslutat", once=ONCE)

    assert [change["facts"]["todo"] for change in town.truth(KEY)] == ["Ring."]


def test_attachments_that_did_not_arrive_whole_go_to_a_person(run: RunAtWork, town: Town) -> None:
    town.act(KEY, "cut_files")

    with pytest.raises(EffectUncertain, match="andra bilagor") as stop:
        run.driver(email.Writer).send_message(case_of(town), "Prov", "Ett prov.", [PDF], once=ONCE)

    assert (stop.value.kind, kinds(town)) == ("Bilagorna kom inte fram hela", ["message_sent"])


LARGE = Document("stor.pdf", bytes(8_000_000))


def test_what_is_too_large_for_mail_goes_to_a_person_and_is_not_sent(run: RunAtWork, town: Town) -> None:
    with pytest.raises(BusinessException, match=r"tar inte emot mer än 10\.0 MB") as stop:
        run.driver(email.Writer).send_message(case_of(town), "Prov", "Ett prov.", [LARGE], once=ONCE)

    assert (stop.value.kind, kinds(town)) == ("För stora bilagor", [])
    assert run.effect_states() == {ONCE: "INTENDED"}


def test_control_what_is_too_large_is_sent_and_refused(
    run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_demand_room", lambda *_: None)

    with pytest.raises(EffectRefused, match="552"):
        run.driver(email.Writer).send_message(case_of(town), "Prov", "Ett prov.", [LARGE], once=ONCE)

    assert (kinds(town), run.effect_states()) == ([], {ONCE: "REFUSED"})


def card(town: Town, **other: str) -> dict[str, str]:
    """What the case system could mail of the case; ``other`` facts stand so instead, "" not at all."""
    told = {"Ärende": case_of(town), "Rubrik": "Påhittat", "Status": "Avslutat", "Inkorg": "Omsorg",
            "Skapat": "2026-01-01", "Skyddade_uppgifter": "Nej"} | other  # fmt: skip
    return {name.replace("_", " "): value for name, value in told.items() if value}


@pytest.mark.parametrize(
    ("sender", "believed"),
    [("arenden@tallinge.example", True), ("Arenden@Tallinge.example", True), ("nagon@annanstans.example", False)],
)
def test_only_the_case_system_s_own_mails_count(run: RunAtWork, town: Town, sender: str, believed: bool) -> None:
    town.act(KEY, "put_mail", subject=f"Gäller {case_of(town)}", facts=card(town), sender=sender)

    assert (run.driver(email.Reader).read(case_of(town)).title == "Påhittat") is believed


def test_another_case_s_mail_that_names_this_one_tells_nothing_of_it(run: RunAtWork, town: Town) -> None:
    cases, registered = run.driver(email.Reader), "Ärendet registrerades"
    before = cases.find_event(case_of(town), registered)
    told = card(town, Ärende="KC-99120001-5", Händelse=registered, Nummer="H-999999")
    town.act(KEY, "put_mail", subject=f"KC-99120001-5 Gäller även {case_of(town)}", facts=told)

    assert (cases.find_event(case_of(town), registered), before is None) == (before, False)


@pytest.mark.parametrize("missing", ["Status", "Inkorg", "Skapat", "Skyddade uppgifter"])
def test_a_mail_that_says_less_than_it_should_is_not_read(run: RunAtWork, town: Town, missing: str) -> None:
    told = card(town, **{missing.replace(" ", "_"): ""})
    town.act(KEY, "put_mail", subject=case_of(town), facts=told)

    with pytest.raises(PageNotRecognised, match=f"«{missing}»"):
        run.driver(email.Reader).read(case_of(town))


def test_a_mail_that_says_two_things_of_one_is_not_read(run: RunAtWork, town: Town) -> None:
    told = card(town, Kanal="E-post\nStatus: Nytt")
    town.act(KEY, "put_mail", subject=case_of(town), facts=told)

    with pytest.raises(PageNotRecognised, match="säger 2 gånger «Status»"):
        run.driver(email.Reader).read(case_of(town))


@pytest.mark.parametrize(
    ("sender", "minded"), [("nagon@annanstans.example", False), ("arenden@tallinge.example", True)]
)
def test_what_nobody_can_read_is_minded_from_the_case_system_only(
    run: RunAtWork, town: Town, sender: str, minded: bool
) -> None:
    told = {"sender": sender, "charset": "x-klotter", "facts": card(town)}
    town.act(KEY, "put_mail", subject=case_of(town), **told)

    with pytest.raises(PageNotRecognised, match="går inte att läsa") if minded else nullcontext():
        assert run.driver(email.Reader).read(case_of(town)).title != "Påhittat"


@pytest.mark.parametrize("shown", [lambda n: n, lambda n: n.replace("-", ""), lambda n: n[2:]])
def test_a_citizen_is_found_however_the_number_is_written(
    run: RunAtWork, town: Town, shown: Callable[[str], str]
) -> None:
    citizen = town.cases("drawings", "normal")[0]["citizen"]
    told = card(town, Personnummer=shown(citizen), Status="Nytt")
    town.act(KEY, "put_mail", subject=case_of(town), facts=told)

    found = run.driver(email.Reader).find(citizen=PersonalNumber(citizen))

    assert case_of(town) in [row.number for row in found if row.title == "Påhittat"]


# -- the password ---------------------------------------------------------------------------------------------------

ELSEWHERE = """<clientConfig><emailProvider>
<incomingServer type="imap">
  <hostname>post.example</hostname><port>1</port><socketType>{imap}</socketType>
</incomingServer>
<outgoingServer type="smtp">
  <hostname>post.example</hostname><port>2</port><socketType>{smtp}</socketType>
</outgoingServer>
</emailProvider></clientConfig>"""


@pytest.mark.parametrize(("imap", "smtp"), [("plain", "SSL"), ("STARTTLS", "plain")])
def test_no_password_leaves_the_machine_in_clear_text(
    run: RunAtWork, imap: str, smtp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ELSEWHERE.format(imap=imap, smtp=smtp)
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, text=told))

    with pytest.raises(ConfigurationError, match=r"post\.example vill ha lösenordet okrypterat"):
        servers.look_up(run.driver(email.Reader).bench)


def test_control_servers_that_encrypt_are_taken(run: RunAtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ELSEWHERE.format(imap="SSL", smtp="STARTTLS")
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, text=told))

    found = servers.look_up(run.driver(email.Reader).bench)

    assert (found.imap.port, found.smtp.security) == (1, "STARTTLS")


@pytest.mark.parametrize(
    ("words", "passing"), [("[UNAVAILABLE] Try later", True), ("[AUTHENTICATIONFAILED] No", False), ("No", False)]
)
def test_a_mailbox_that_is_busy_has_not_refused_the_password(
    run: RunAtWork, town: Town, words: str, passing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*_: object) -> None:
        raise imaplib.IMAP4.error(words)

    cases = run.driver(email.Reader)
    with monkeypatch.context() as today:
        today.setattr(imaplib.IMAP4, "authenticate", said)
        with pytest.raises(SystemDown if passing else LoginFailed):
            cases.read(case_of(town))

    with nullcontext() if passing else pytest.raises(LoginFailed):
        assert cases.read(case_of(town)).number == case_of(town)


@pytest.mark.parametrize(("code", "passing"), [(454, True), (535, False)])
def test_a_mail_server_that_is_busy_has_not_refused_the_password(
    run: RunAtWork, town: Town, code: int, passing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = smtplib.SMTP.docmd

    def said(self: smtplib.SMTP, command: str, more: str = "") -> tuple[int, bytes]:
        return (code, b"") if command == "AUTH" else ask(self, command, more)

    with monkeypatch.context() as today:
        today.setattr(smtplib.SMTP, "docmd", said)
        with pytest.raises(SystemDown if passing else LoginFailed):
            noted(run, town)
    assert run.effect_states() == {ONCE: "INTENDED"}

    with nullcontext() if passing else pytest.raises(LoginFailed):
        noted(run, town)
    assert kinds(town) == ["note_added"][: int(passing)]


def test_servers_that_have_no_encryption_after_all_get_no_password(
    run: RunAtWork, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody between had taken STARTTLS out of what the server offers."""
    bench = run.driver(email.Writer).bench
    found = servers.look_up(bench)
    told = servers.Servers(*(replace(each, security="STARTTLS") for each in (found.imap, found.smtp)))
    monkeypatch.setattr(servers, "_plain", lambda _: pytest.fail("the password was asked for"))

    with pytest.raises(SystemDown):
        servers.Folders(bench, told.imap).letters("INBOX", case_of(town))
    with pytest.raises(SystemDown), servers.handing_in(bench, told.smtp, "a@b.example", "c@d.example", 1):
        pytest.fail("it was let in")


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("security", ["SSL", "STARTTLS"])
def test_servers_are_spoken_to_encrypted_when_their_certificate_is_good(
    run: RunAtWork, town: Town, security: str, trusted: bool, tmp_path: Path
) -> None:
    bench = run.driver(email.Writer).bench
    found = servers.look_up(bench)
    certificate = certificate_for_loopback(tmp_path)
    before = (BEFORE_IMAP, BEFORE_SMTP) if security == "STARTTLS" else ((), ())
    with (
        trusting(certificate) if trusted else nullcontext(),
        encrypted(found.imap.port, certificate, before[0]) as imap,
        encrypted(found.smtp.port, certificate, before[1]) as smtp,
    ):
        folders = servers.Folders(bench, servers.Server("127.0.0.1", imap, security))
        with nullcontext() if trusted else pytest.raises(SystemDown, match="SSLCertVerificationError"):
            assert folders.letters("INBOX", case_of(town))
        with nullcontext() if trusted else pytest.raises(SystemDown, match="SSLCertVerificationError"):
            there = servers.Server("127.0.0.1", smtp, security)
            with servers.handing_in(bench, there, "robotar@tallinge.example", "arenden@tallinge.example", 1):
                pass
        folders.close()


@pytest.mark.parametrize("told", ["<html>Välkommen</html>", "inte xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_an_address_that_tells_of_no_mail_servers(run: RunAtWork, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "get", lambda *_, **__: httpx.Response(200, text=told))

    with pytest.raises(PageNotRecognised, match="var e-postservrarna finns"):
        servers.look_up(run.driver(email.Reader).bench)


def test_the_password_is_in_no_log(run: RunAtWork, town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    noted(run, town)
    bench = run.driver(email.Writer).bench
    password = bench.password.get_secret_value()

    told = "".join(f"{event.title} {event.detail}" for event in run.events()) + "".join(capfd.readouterr())

    assert town.truth(KEY)
    for secret in (password, base64.b64encode(servers._plain(bench)).decode()):
        assert secret not in told


# -- the same mail --------------------------------------------------------------------------------------------------


def test_an_order_is_the_same_mail_each_time(run: RunAtWork) -> None:
    names = run.driver(email.Reader).names
    first, second = (
        order(names, CaseNumber("KC-26110042-4"), "Anteckning", "R-1", facts={}, text="x", documents=[])
        for _ in range(2)
    )

    assert first["Message-ID"] == second["Message-ID"] == "<R-1@tallinge.example>"
    assert message_id(names, "R-2") != first["Message-ID"]


def test_a_name_that_nobody_has_configured_is_told(run: RunAtWork) -> None:
    told = run.driver(email.Reader).bench.settings.names
    wrong = {name: value for name, value in told.items() if name != "protected"} | {"skydd": "x"}

    with pytest.raises(ConfigurationError, match=r"\[email\.names\] .* protected, skydd"):
        wire.Names.of(wrong)
    assert wire.Names.of(told).status_of(told["closed"]) == "Avslutat"
