"""How a message leaves: by mail or webhook, once, again when it was refused, and given up where people can see it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from robots.errors import ConfigurationError, NotTaken, RagnhildError
from robots.local_time import on_the_wall
from robots.settings import write_secret
from robots.store.schema import messages, outcomes
from robots.telling import mail as mail_module
from robots.telling import sending
from robots.telling import teller as teller_module
from robots.telling import ticking as telling_clock
from robots.telling.letters import Letter
from robots.telling.mail import mail_server, send_mail
from tests.encrypted import BEFORE_SMTP, certificate_for_loopback, encrypted, trusting
from tests.unit.pages import Answer, Asked, PageServer, serving
from tests.unit.told_people import Place, assert_told, html_of, new_run, text_of

LETTER = Letter("Ämne med å", "Ämne med å\n\nText.\n", "<p>Text.</p>", "https://portal.tallinge.example/runs/1")


@pytest.fixture
def failed(place: Place) -> Place:
    """A place with one message in its outbox."""
    place.run_ended("failed", "Fel", case_number="KC-1")
    place.look()
    return place


# -- mail -----------------------------------------------------------------------------------------------------------


def test_a_mail_says_who_sent_it_and_that_nobody_needs_to_answer(failed: Place) -> None:
    failed.set(portal_url="https://portal.tallinge.example/")
    failed.run_ended("failed", "Ett annat fel", case_number="KC-2")
    failed.at("2026-11-09 09:01")
    mail = failed.office.delivered[-1]
    assert str(mail["From"]) == "Ragnhild <robotar@tallinge.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://portal.tallinge.example/runs/2" in text_of(mail)
    assert 'href="https://portal.tallinge.example/runs/2"' in html_of(mail)
    assert_told("with_portal", mail)


def test_text_from_outside_is_text_in_a_mail(place: Place) -> None:
    place.run_ended("failed", "<script>alert(1)</script>\r\nBcc: alla@tallinge.example", case_number="KC-1")
    place.at("2026-11-09 09:01")
    (mail,) = place.office.delivered
    assert mail["Bcc"] is None
    assert "<script>" not in html_of(mail)
    assert "&lt;script&gt;" in html_of(mail)


@pytest.mark.parametrize("begins", ["smtps", "smtp"])
def test_what_leaves_the_machine_is_encrypted(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    """Also from the middle on (STARTTLS), where the server is another machine."""
    certificate = certificate_for_loopback(tmp_path)
    monkeypatch.setattr(mail_module.MailServer, "is_here", False)
    with encrypted(place.office.port, certificate, BEFORE_SMTP if begins == "smtp" else ()) as port:
        place.set(smtp_url=f"{begins}://127.0.0.1:{port}")
        with pytest.raises(NotTaken, match="SSLCertVerificationError"):  # nobody knows who that server is
            send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
        with trusting(certificate):
            send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
    assert place.office.subjects == ["Ämne med å"]


def test_control_a_server_elsewhere_that_does_not_encrypt_is_told_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_module.MailServer, "is_here", False)
    with pytest.raises(NotTaken):
        send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
    assert place.office.subjects == []


def test_the_password_is_a_secret_of_its_own(place: Place) -> None:
    place.office.password = "kaffe-åtta"
    place.set(smtp_url=f"smtp://robotar@127.0.0.1:{place.office.port}")
    with pytest.raises(ConfigurationError, match="Lösenordet för robotar på e-postservern saknas"):
        send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
    write_secret(place.settings.secrets_dir / "smtp", "fel")
    with pytest.raises(NotTaken, match="släpper inte in robotar") as error:
        send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
    assert "fel" not in str(error.value).split()
    write_secret(place.settings.secrets_dir / "smtp", "kaffe-åtta")
    send_mail(place.settings, "a@tallinge.example", LETTER, "<1@x>")
    assert place.office.logged_in == ["robotar"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "smtp_url saknas"),
        ("http://post", "går inte att läsa"),
        ("smtp://post:port", "går inte att läsa"),
        ("smtp://robot:hemligt@post", "har ett lösenord i sig"),
    ],
)
def test_an_address_of_a_mail_server_that_cannot_be_used_is_told_and_not_shown(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as error:
        mail_server(url)
    assert "hemligt" not in str(error.value)


def test_a_sender_that_is_no_address_is_told(failed: Place) -> None:
    failed.set(mail_from="robotarna")
    failed.at("2026-11-09 09:01")
    assert failed.outbox()[0].error == "Inställningen mail_from, «robotarna», är ingen e-postadress."


# -- webhooks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def channel() -> Iterator[PageServer]:
    """Takes what is posted to /in, and nothing else."""

    def answer(asked: Asked) -> Answer:
        return Answer(status=200 if asked.path == "/in" else 404)

    with serving(answer) as server:
        yield server


@pytest.mark.parametrize("form", ["teams", "slack", "plain"])
def test_a_webhook_gets_its_own_form(place: Place, channel: PageServer, form: str) -> None:
    place.set(portal_url="https://portal.tallinge.example")
    place.write(f'[kanal]\nwebhook = "{form}"\n')
    write_secret(place.settings.secrets_dir / "webhook.kanal", f"{channel.address}/in")
    place.run_ended("failed", "Fel <i> koden", case_number="KC-1", todo="Rätta den.")
    place.at("2026-11-09 09:01")
    (asked,) = channel.posts()
    told = json.loads(asked.body)
    subject = "Räkna kön misslyckades för ärende KC-1: Fel <i> koden"
    link = "https://portal.tallinge.example/runs/1"
    if form == "teams":
        card = told["attachments"][0]["content"]
        assert (told["type"], card["type"], card["body"][0]["text"]) == ("message", "AdaptiveCard", subject)
        assert {"type": "TextBlock", "text": "Att göra: Rätta den.", "wrap": True} in card["body"]
        assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Öppna i Ragnhild", "url": link}]
    elif form == "slack":
        assert told["text"] == subject.replace("<i>", "&lt;i&gt;")
        assert told["blocks"][-1]["text"] == {"type": "mrkdwn", "text": f"<{link}|Öppna i Ragnhild>"}
    else:
        assert told == {"subject": subject, "text": f"Att göra: Rätta den.\n\nSe mer: {link}", "link": link}
    assert len(asked.headers["idempotency-key"]) == 32


def test_a_webhook_that_says_no_is_tried_again_and_its_address_is_told_to_nobody(
    place: Place, channel: PageServer
) -> None:
    place.write('[kanal]\nwebhook = "plain"\n')
    secret = write_secret_of(place, f"{channel.address}/gone-hemlig")
    place.run_ended("failed", "Fel")
    place.at("2026-11-09 09:01")
    (message,) = place.outbox()
    assert (message.state, message.error) == ("waiting", "Webhooken för kanal tog inte emot meddelandet (404).")
    secret.write_text(f"{channel.address}/in", "utf-8")
    place.at("2026-11-09 09:03")
    assert [row.state for row in place.outbox()] == ["sent"]
    # The receiver can tell that it is the same message.
    assert len({asked.headers["idempotency-key"] for asked in channel.posts()}) == 1


def write_secret_of(place: Place, address: str) -> Path:
    path = place.settings.secrets_dir / "webhook.kanal"
    write_secret(path, address)
    return path


@pytest.mark.parametrize(("address", "words"), [("", "saknas"), ("http://kanal.example/hemlig", "börja med https")])
def test_a_webhook_without_an_address_that_can_be_used_is_told(place: Place, address: str, words: str) -> None:
    place.write('[kanal]\nwebhook = "plain"\n')
    if address:
        write_secret_of(place, address)
    place.run_ended("failed", "Fel")
    place.at("2026-11-09 09:01")
    (message,) = place.outbox()
    assert words in message.error
    assert "hemlig" not in message.error


# -- refused, lost, twice -------------------------------------------------------------------------------------------


def test_what_was_refused_is_tried_again_later_and_later_and_then_given_up(failed: Place) -> None:
    failed.office.refuses = "451 try later"
    sent_at = failed.moment
    pauses: list[int] = []
    while failed.outbox()[0].state != "given_up":
        assert len(pauses) < 40
        failed.now = on_the_wall(sent_at).isoformat()
        failed.teller().send_round()
        (message,) = failed.outbox()
        pauses.append(round((message.try_at - sent_at).total_seconds() / 60))
        sent_at = message.try_at
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert 23 * 60 < sum(pauses[:-1]) < 25 * 60
    assert message.error == "E-postservern 127.0.0.1 tog inte emot mejlet (451 try later)."
    failed.office.refuses = ""
    assert failed.at("2026-11-11 12:00") == []
    with failed.store.begin() as connection:
        assert sending.try_again(connection, failed.moment) == 1
    assert len(failed.at("2026-11-11 12:00")) == 1


def test_an_address_that_is_refused_holds_nobody_else_up(failed: Place) -> None:
    failed.write('[fel]\nmail = "ingen@x.example"\n[drift]\nmail = "drift@tallinge.example"\n')
    failed.office.refuses = "550 unknown"
    failed.at("2026-11-09 09:01")
    failed.office.refuses = ""
    failed.run_ended("failed", "Nytt fel", case_number="KC-2")
    assert len(failed.at("2026-11-09 09:01:30")) == 2


def test_a_server_that_is_away_is_told_in_words(failed: Place) -> None:
    failed.set(smtp_url="smtp://127.0.0.1:9")
    failed.at("2026-11-09 09:01")
    assert failed.outbox()[0].error == "E-postservern 127.0.0.1 svarar inte som den ska (ConnectionRefusedError)."


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed", "control"])
def test_a_message_that_is_leaving_is_sent_by_nobody_else(
    failed: Place, monkeypatch: pytest.MonkeyPatch, claimed: bool
) -> None:
    def with_another_sender(*told: Any) -> None:
        monkeypatch.setattr(sending, "deliver", deliver)
        failed.teller().send_round()
        deliver(*told)

    def only_look(connection: Connection, now: datetime) -> sending.Claimed | None:
        with connection.begin_nested() as undone:
            found = claim(connection, now)
            undone.rollback()
        return found

    deliver, claim = sending.deliver, sending.claim
    monkeypatch.setattr(sending, "deliver", with_another_sender)
    if not claimed:
        monkeypatch.setattr(sending, "claim", only_look)
        monkeypatch.setattr(teller_module, "MOST_IN_A_ROUND", 1)
    failed.teller().send_round()
    assert len(failed.office.delivered) == (1 if claimed else 2)


def test_two_senders_send_once(failed: Place) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda teller: teller.send_round(), [failed.teller(), failed.teller()]))
    assert len(failed.office.delivered) == 1


@pytest.mark.parametrize("sent", [True, False], ids=["after it was sent", "before"])
def test_a_death_in_between_is_followed_by_the_same_message_with_the_same_id(
    failed: Place, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    def die(*told: object) -> None:
        if sent:
            deliver(*told)  # type: ignore[arg-type]  # what it was given
        raise KeyboardInterrupt

    deliver = sending.deliver
    with monkeypatch.context() as patched:
        patched.setattr(sending, "deliver", die)
        with pytest.raises(KeyboardInterrupt):
            failed.teller().send_round()
    assert failed.at("2026-11-09 09:02") == []  # somebody may be about to send it
    assert len(failed.at("2026-11-09 09:03:01")) == 1
    assert len(failed.office.delivered) == 1 + sent
    assert len({mail["Message-ID"] for mail in failed.office.delivered}) == 1
    assert [row.state for row in failed.outbox()] == ["sent"]


def test_a_sender_that_was_away_too_long_settles_nothing(failed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep_over_the_claim(*_: object) -> None:
        with failed.store.begin() as connection:  # another one has claimed it meanwhile, and sent it
            connection.execute(update(messages).values(state="sent", claimed_until=None))
        raise RagnhildError("Det gick inte.")

    monkeypatch.setattr(sending, "deliver", sleep_over_the_claim)
    failed.teller().send_round()
    assert [(row.state, row.error) for row in failed.outbox()] == [("sent", "")]


def test_a_message_that_breaks_its_sender_stands_in_no_others_way(
    failed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*told: Any) -> None:
        if "KC-1" in told[2].subject:
            raise RecursionError
        deliver(*told)

    deliver = sending.deliver
    failed.run_ended("failed", "Ett annat", case_number="KC-2")
    monkeypatch.setattr(sending, "deliver", break_down)
    assert len(failed.at("2026-11-09 09:01")) == 1
    assert failed.outbox()[0].error == "Ett oväntat fel: RecursionError."


def test_the_clock_lets_it_look_and_send_by_itself(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "SEND_SECONDS"):
        monkeypatch.setattr(telling_clock, name, 0.2)
    with place.store.begin() as connection:
        ended = new_run(connection, place.moment, state="failed")
        connection.execute(insert(outcomes).values(run_id=ended, outcome="failed", kind="Fel"))
    with telling_clock.telling(place.settings, place.store):
        deadline = time.monotonic() + 60
        while not place.office.subjects and time.monotonic() < deadline:
            time.sleep(0.05)  # another thread sends
    assert place.office.subjects == ["Räkna kön misslyckades för K-1: Fel"]
    teller = place.teller()
    teller.stop()
    place.run_ended("failed", "Ett annat")
    place.look()
    teller.send_round()
    assert len(place.office.subjects) == 1
