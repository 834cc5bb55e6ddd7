"""The case system that can only be reached by e-mail: its mailbox, its orders, its receipts, and what can go wrong."""

from __future__ import annotations

import hashlib
import imaplib
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import pytest

from tests.practice.conftest import TownProcess, acting_in

KEY = "email"
ADDRESS, ROBOTS = "arenden@tallinge.example", "robotar@tallinge.example"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
act = acting_in(KEY)
Send = Callable[..., tuple[int, bytes]]


def ports(town: TownProcess) -> tuple[int, int]:
    told = httpx.get(f"{town.base}/epost/mail/config-v1.1.xml").raise_for_status().text
    imap, smtp = (int(port) for port in re.findall(r"<port>(\d+)</port>", told))
    return imap, smtp


@contextmanager
def mailbox(town: TownProcess, password: str = "journal-pass") -> Iterator[tuple[imaplib.IMAP4, int]]:
    """The robots' mailbox, and how many mails lie in it."""
    imap = imaplib.IMAP4("127.0.0.1", ports(town)[0], timeout=10)
    try:
        imap.authenticate("PLAIN", lambda _: f"\0ragnhild\0{password}".encode())
        (number,) = imap.select("INBOX", readonly=True)[1]
        yield imap, int(number or b"0")
    finally:
        imap.shutdown()


def mails(town: TownProcess, subject: str = "") -> list[str]:
    """The texts of the mails with this in their subject, oldest first; without it that of the newest of all."""
    with mailbox(town) as (imap, _):
        found = imap.search(None, "HEADER", "SUBJECT", f'"{subject}"')[1][0].split() if subject else [b"*"]
        told = imap.fetch(b",".join(found).decode(), "(BODY.PEEK[])")[1] if found else []
    return [text_of(each[1]) for each in told if isinstance(each, tuple)]


def how_many(town: TownProcess) -> int:
    with mailbox(town) as (_, number):
        return number


def text_of(content: bytes) -> str:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return f"Subject: {message['Subject']}\n" + text.replace("\r\n", "\n")


def ordered(
    case: str, command: str, text: str = "", *, mark: str = "R-1", file: bytes = b"", **facts: str
) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = ROBOTS, ADDRESS, f"{case} {command}"
    message["Message-ID"] = f"<{mark}@tallinge.example>"
    told = {"Kommando": command, "Märkning": mark} | {name.replace("_", " "): value for name, value in facts.items()}
    message.set_content("".join(f"{name}: {value}\n" for name, value in told.items()) + f"\n{text}\n")
    if file:
        message.add_attachment(file, maintype="application", subtype="pdf", filename="plan.pdf")
    return message


@pytest.fixture
def send(town: TownProcess) -> Send:
    def hand_in(
        message: EmailMessage, name: str = "ragnhild", password: str = "journal-pass", to: str = ADDRESS
    ) -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", ports(town)[1], "robot", timeout=10) as smtp:
            smtp.login(name, password)
            smtp.mail(ROBOTS)
            code, words = smtp.rcpt(to)
            return smtp.data(message.as_bytes()) if code == 250 else (code, words)

    return hand_in


# What the robots are told


def test_every_case_is_mailed_with_its_number_in_the_subject(town: TownProcess) -> None:
    case = town.case("missed_bin")
    (told,) = mails(town, case["number"])

    assert told.startswith(f"Subject: {case['number']} {case['title']}\n")
    for fact in (f"Personnummer: {case['citizen']}", f"Fastighet: {case['property_id']}", "Status: Nytt",
                 f"Anläggning: {case['facility']}", f"Ärende: {case['number']}"):  # fmt: skip
        assert f"{fact}\n" in told
    assert "Handläggare" not in told
    assert how_many(town) == town.control.get("/town").json()["cases"]


def test_a_protected_citizen_s_name_is_in_no_mail(town: TownProcess) -> None:
    case = town.case("drawings", "protected")
    (told,) = mails(town, case["number"])
    assert town.control.get(f"/people/{case['citizen']}").json()["name"] not in told
    assert "Skyddade uppgifter: Ja\n" in told


def test_a_case_that_a_colleague_has_changed_is_mailed_again(town: TownProcess) -> None:
    number = town.case("drawings")["number"]
    before = how_many(town)
    act(town, "lock", case_number=number)
    assert "Låst av: Anna Ek\n" in mails(town, number)[-1]
    act(town, "unlock", case_number=number)
    act(town, "take", case_number=number)
    assert "Handläggare: Anna Ek\n" in mails(town, number)[-1]
    assert (len(mails(town, number)), how_many(town)) == (4, before + 3)


# Orders


def test_a_note_is_written_and_receipted(town: TownProcess, send: Send) -> None:
    number = town.case("drawings")["number"]
    assert send(ordered(number, "Anteckning", "Ringde upp.\n\nKommando: Ta\nÅterkommer."))[0] == 250
    (change,) = town.truth(KEY)
    assert (change["kind"], change["about"], change["by"]) == ("note_added", number, "ragnhild")
    assert change["facts"]["text"] == "Ringde upp.\n\nKommando: Ta\nÅterkommer."
    told = mails(town, number)[-1]
    event = act(town, "case", case_number=number)["events"][-1]
    assert told.startswith(f"Subject: {number} Kvittens\n")
    for fact in ("Kvittens: Utfört", "Märkning: R-1", f"Nummer: {event['number']}"):
        assert f"{fact}\n" in told


def test_a_message_carries_its_attachments_whole(town: TownProcess, send: Send) -> None:
    case = town.case("drawings")
    send(ordered(case["number"], "Meddelande till medborgaren", "Hej!", file=PDF, Ämne="Plan"))
    (mail,) = town.control.get("/mail").json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (mail["subject"], mail["attachments"]) == ("Plan", [["plan.pdf", len(PDF), digest]])
    told = mails(town, case["number"])[-1]
    assert f"Bilaga: {digest} {len(PDF)} plan.pdf\n" in told
    assert f"Meddelandekvittens: {town.truth(KEY)[0]['facts']['receipt']}\n" in told


def test_claim_status_and_handover(town: TownProcess, send: Send) -> None:
    number = town.case("drawings")["number"]
    send(ordered(number, "Ta", mark="R-1"))
    assert "Handläggarens konto: ragnhild\n" in mails(town, number)[-2]
    send(ordered(number, "Status", mark="R-2", Status="Väntar på medborgaren"))
    send(ordered(number, "Fördela", "Ett skäl", mark="R-3", Inkorg="Omsorg", Att_göra="Ring.\n Skriv."))
    assert [c["kind"] for c in town.truth(KEY)] == ["claimed", "status_set", "handed_over"]
    facts = town.truth(KEY)[-1]["facts"]
    assert (facts["inbox"], facts["todo"], facts["reason"]) == ("Omsorg", "Ring.\nSkriv.", "Ett skäl")


def test_the_same_mail_twice_is_one_change(town: TownProcess, send: Send) -> None:
    number = town.case("drawings")["number"]
    for _ in range(2):
        assert send(ordered(number, "Anteckning", "En gång."))[0] == 250
    assert len(town.truth(KEY)) == 1


def test_control_a_case_system_that_looks_at_no_message_id_makes_two(town: TownProcess, send: Send) -> None:
    act(town, "take_repeats")
    number = town.case("drawings")["number"]
    for _ in range(2):
        send(ordered(number, "Anteckning", "En gång."))
    assert len(town.truth(KEY)) == 2


def test_what_was_refused_may_be_ordered_again(town: TownProcess, send: Send) -> None:
    number = town.case("drawings")["number"]
    act(town, "lock", case_number=number)
    send(ordered(number, "Anteckning", "En gång."))
    assert "Kvittens: Nekat\n" in mails(town, number)[-1]
    assert "Skäl: Ärendet är låst av Anna Ek" in mails(town, number)[-1]
    act(town, "unlock", case_number=number)
    send(ordered(number, "Anteckning", "En gång."))
    assert len(town.truth(KEY)) == 1


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (ordered("KC-99120001-5", "Anteckning", "x"), "Det finns inget ärende med nummer KC-99120001-5."),
        (ordered("ÄRENDE", "Radera", "x"), "Kommandot «Radera» finns inte."),
        (ordered("ÄRENDE", "Anteckning"), "Mejlet har ingen text."),
        (ordered("ÄRENDE", "Status"), "Uppgiften Status saknas i mejlet."),
        (ordered("ÄRENDE", "Status", Status="Nytt"), "Statusen Nytt finns inte."),
        (ordered("ÄRENDE", "Fördela", "x", Inkorg="Hittegods"), "Inkorgen Hittegods finns inte."),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    town: TownProcess, send: Send, message: EmailMessage, why: str
) -> None:
    message.replace_header("Subject", str(message["Subject"]).replace("ÄRENDE", town.case("drawings")["number"]))
    send(message)
    assert f"Skäl: {why}\n" in mails(town)[-1]
    assert town.truth(KEY) == []


def test_who_may_only_read_orders_nothing(town: TownProcess, send: Send) -> None:
    number = town.case("drawings")["number"]
    send(ordered(number, "Anteckning", "x"), "lasare", "read-pass")
    assert "saknar behörighet" in mails(town, number)[-1]
    assert town.truth(KEY) == []


# The servers


def test_it_has_no_pages_and_says_so(town: TownProcess) -> None:
    assert "nås bara med e-post" in httpx.get(f"{town.base}/epost/").text


@pytest.mark.parametrize(("name", "password"), [("ragnhild", "fel"), ("nisse", "fel"), ("utestangd", "closed-pass")])
def test_nobody_else_is_let_in(town: TownProcess, send: Send, name: str, password: str) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(ordered("KC-99120001-5", "Anteckning", "x"), name, password)
    if name == "ragnhild":
        with pytest.raises(imaplib.IMAP4.error):
            with mailbox(town, password):
                pass
    refused = next(s for s in town.control.get("/systems").json() if s["key"] == KEY)
    assert refused["failed_logins"] >= 1


def test_mail_is_taken_from_users_and_to_the_case_system_only(town: TownProcess, send: Send) -> None:
    assert send(ordered("KC-99120001-5", "Anteckning", "x"), to="nagon@annanstans.example")[0] == 550
    with smtplib.SMTP("127.0.0.1", ports(town)[1], "robot", timeout=10) as smtp:
        smtp.ehlo()
        assert smtp.mail(ROBOTS)[0] == 530


# Faults


def fault(town: TownProcess, kind: str, method: str, **more: object) -> None:
    town.control.post("/faults", json={"system": KEY, "kind": kind, "method": method, **more}).raise_for_status()


@pytest.mark.parametrize("how", ["fin", "rst", "partial"])
@pytest.mark.parametrize("before", [False, True])
def test_the_answer_to_the_mail_is_lost(town: TownProcess, send: Send, how: str, before: bool) -> None:
    fault(town, "answer_lost", "DATA", path="/anteckning", how=how, before_commit=before)
    order = ordered(town.case("drawings")["number"], "Anteckning", "En gång.")
    try:
        code = send(order)[0]
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        code = 0
    assert code in (0, 25)
    assert len(town.truth(KEY)) == (0 if before else 1)


def test_a_server_that_says_no_for_the_time_being(town: TownProcess, send: Send) -> None:
    order = ordered(town.case("drawings")["number"], "Anteckning", "En gång.")
    fault(town, "answer_lost", "DATA", how="408")
    assert (send(order)[0], len(town.truth(KEY))) == (451, 1)
    fault(town, "down", "DATA")
    assert (send(order)[0], len(town.truth(KEY))) == (451, 1)


@pytest.mark.parametrize(("kind", "how"), [("answer_lost", "fin"), ("answer_lost", "rst"), ("down", "")])
def test_reading_is_cut_in_the_middle(town: TownProcess, kind: str, how: str) -> None:
    fault(town, kind, "FETCH", how=how)
    with pytest.raises((imaplib.IMAP4.abort, ConnectionError)):
        mails(town)
    assert mails(town)


def test_an_order_may_be_carried_out_late(town: TownProcess, send: Send) -> None:
    fault(town, "slow", "DATA", seconds=60)
    send(ordered(town.case("drawings")["number"], "Anteckning", "En gång."))
    assert town.truth(KEY) == []
    act(town, "hurry")
    deadline = time.monotonic() + 10
    while not town.truth(KEY) and time.monotonic() < deadline:
        time.sleep(0.05)  # another process carries it out; there is nothing to wait on but its truth
    assert len(town.truth(KEY)) == 1
