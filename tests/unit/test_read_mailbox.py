"""A mailbox whose messages become runs: once each, only from who may, and never by guessing."""

from __future__ import annotations

import base64
import imaplib
import quopri
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text

from robots.cases.email.post import watched
from robots.cases.email.post.received import received
from robots.errors import ConfigurationError, LoginFailed, SystemDown
from robots.queue.runs import list_runs
from robots.scheduler.by_hand import start_now
from robots.scheduler.schedule import read_schedule
from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import letters, schedules, start_runs, starts
from robots.task import Run
from robots.task_files import load_tasks
from robots.worker import read_mailbox as reading
from robots.worker.asking_run import AskingRun
from robots.worker.messages import Messages, parts_of
from robots.worker.own_tasks import OWN_TASKS
from robots.worker.read_mailbox import MailErrand, read_mailbox
from tests.unit.mailboxes import PASSWORD, USER, Post, serving_mail
from tests.unit.runs import new_run
from tests.unit.test_read_folder import Told
from tests.unit.timetable import Timetable

TAKEN, TO_PERSON = "Hämtade av roboten", "Till handläggare"
ON_THE_WIRE = {TAKEN: "H&AOQ-mtade av roboten", TO_PERSON: "Till handl&AOQ-ggare", "INBOX": "INBOX"}
GENUINE = "mx.tallinge.example; spf=pass smtp.mailfrom=x; dmarc=pass header.from=etjanst.tallinge.example"
Read = Callable[..., list[str]]


def message(
    text: str = "Hej!\n\nAntal: 7\n", *, number: int = 1, subject: str = "Ny anmälan", head: str = "",
    sender: str = "E-tjänsten <svara-inte@etjanst.tallinge.example>", vouched: str = GENUINE, mid: str | None = None,
) -> bytes:  # fmt: skip
    lines = [
        f"Authentication-Results: {vouched}" if vouched else "",
        f"Message-ID: {f'<{number}@etjanst>' if mid is None else mid}" if mid != "" else "",
        f"From: {sender}", f"Subject: {subject}", head or "Content-Type: text/plain; charset=utf-8",
    ]  # fmt: skip
    return "\r\n".join([*filter(None, lines), "", text.replace("\n", "\r\n")]).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    with serving_mail() as post:
        yield post


@pytest.fixture
def post(server: Post) -> Post:
    server.box = type(server.box)(server.box._sorting)
    return server


@pytest.fixture
def settings(machine: Settings, store: Store, tmp_path: Path) -> Settings:
    laid = Timetable.laid(machine, store, tmp_path).settings
    settings = Settings(**laid.model_dump() | {"data_dir": tmp_path})
    settings.secrets_dir.mkdir(exist_ok=True)
    (settings.secrets_dir / "mailbox.prov").write_text(PASSWORD, "utf-8")
    return settings


@pytest.fixture
def start(store: Store) -> int:
    with store.begin() as connection:
        connection.execute(insert(schedules).values(name="prov", written="", looked_until=func.now()))
        row = insert(starts).values(schedule="prov", local_time="2026-11-09 06:00", due_at=func.now(), state="started",
                                    by="prov")  # fmt: skip
        made: int = connection.execute(row.returning(starts.c.id)).scalar_one()
    return made


@pytest.fixture
def read(settings: Settings, store: Store, post: Post, start: int) -> Read:
    """Read the mailbox once. What the run told of single messages."""

    def once(given: str = '{"number": "{Antal}"}', **changes: Any) -> list[str]:
        log = Told()
        run = AskingRun(Run(1, "ada", date(2026, 11, 9), log), settings, store, load_tasks(settings.tasks_dir))
        told = {"host": "127.0.0.1", "port": post.port, "security": "plain", "user": USER, "subjects": ["ny anmälan"],
                "from_domains": ["etjanst.tallinge.example"], "vouched_by": "mx.tallinge.example"}  # fmt: skip
        wanted = Messages.model_validate(told | changes)
        errand = MailErrand(
            schedule="prov", start=start, messages=wanted.model_dump_json(), asks_for="count", given=given
        )
        read_mailbox(run, errand)
        return [words for words in log.words if words.startswith("Meddelande ")]

    return once


def lying(post: Post) -> dict[str, int]:
    return {name: len(post.lying_in(wire)) for name, wire in ON_THE_WIRE.items()}


def numbers(store: Store) -> list[float]:
    return sorted(run.inputs["number"] for run in list_runs(store))


# -- once each ------------------------------------------------------------------------------------------------------


def test_each_message_gets_one_run_and_is_moved(post: Post, read: Read, store: Store, start: int) -> None:
    post.lay(message(), message("Antal: 8\n", number=2))
    assert read() == ["Meddelande 101: K-1", "Meddelande 102: K-2"]
    assert lying(post) == {"INBOX": 0, TAKEN: 2, TO_PERSON: 0}
    assert numbers(store) == [7, 8]
    assert {(run.task, run.robot, run.source, run.started_by) for run in list_runs(store)} == {
        ("count", "ada", "schedule", "schema prov")
    }
    with store.begin() as connection:
        assert set(connection.execute(select(start_runs.c.start_id)).scalars()) == {start}
    assert read() == []


@pytest.mark.parametrize("mid", ["<1@etjanst>", "", "inget id", "<1@etjanst> <2@etjanst>"])
def test_the_same_message_laid_back_starts_nothing(post: Post, read: Read, store: Store, mid: str) -> None:
    post.lay(message(mid=mid))
    read()
    post.lay(message(mid=mid), message(mid=mid))
    assert read() == ["Meddelande 102: har redan fått K-1.", "Meddelande 103: har redan fått K-1."]
    assert (numbers(store), lying(post)) == ([7], {"INBOX": 0, TAKEN: 3, TO_PERSON: 0})
    with store.begin() as connection:  # the control
        connection.execute(delete(letters))
    post.lay(message("Antal: 9\n", mid=mid))
    read()
    assert numbers(store) == [7, 9]


def test_one_that_says_the_same_without_an_identity_is_another(post: Post, read: Read, store: Store) -> None:
    post.lay(message(mid="", subject="Ny anmälan 1"), message(mid="", subject="Ny anmälan 2"))
    read()
    assert numbers(store) == [7, 7]


def test_another_message_with_the_same_identity_goes_to_a_person(post: Post, read: Read, store: Store) -> None:
    post.lay(message())
    read()
    post.lay(message("Antal: 8\n"))
    assert "samma Message-ID som ett annat meddelande, som har fått K-1" in read()[0]
    assert (numbers(store), lying(post)) == ([7], {"INBOX": 0, TAKEN: 1, TO_PERSON: 1})


def test_what_is_cut_off_between_run_and_move_is_moved_the_next_time(
    post: Post, read: Read, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(message())
    with monkeypatch.context() as patched:
        patched.setattr(watched.Watched, "move", _die)
        with pytest.raises(KeyboardInterrupt):
            read()
    assert (numbers(store), lying(post)["INBOX"]) == ([7], 1)
    assert read() == ["Meddelande 101: har redan fått K-1."]
    assert (numbers(store), lying(post)["INBOX"]) == ([7], 0)


def test_what_is_cut_off_before_the_run_is_recorded_is_not_moved(
    post: Post, read: Read, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(message())
    with monkeypatch.context() as patched:
        patched.setattr(reading, "upsert", _die)  # the last thing before the transaction ends
        with pytest.raises(KeyboardInterrupt):
            read()
    assert (numbers(store), lying(post)) == ([], {"INBOX": 1, TAKEN: 0, TO_PERSON: 0})
    assert read() == ["Meddelande 101: K-2"]  # the number of the one that was not to be


def test_two_readings_at_the_same_moment_start_it_once(post: Post, read: Read, store: Store) -> None:
    post.lay(message())
    with ThreadPoolExecutor(1) as threads:
        with store.begin() as connection:  # the other one, which has just begun with the message
            connection.execute(text("select pg_advisory_xact_lock(hashtextextended('letter prov <1@etjanst>', 0))"))
            told = threads.submit(read)
            _wait_for_one_that_waits(store)
            run_id = new_run(store)
            said = received(message()).said
            connection.execute(
                insert(letters).values(schedule="prov", identity="<1@etjanst>", said=said, run_id=run_id)
            )
        assert told.result(60) == [f"Meddelande 101: har redan fått K-{run_id}."]
    assert [run.id for run in list_runs(store)] == [run_id]


def _wait_for_one_that_waits(store: Store) -> None:
    deadline = time.monotonic() + 60
    waits = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    while time.monotonic() < deadline:
        with store.begin() as connection:
            if connection.execute(waits).scalar_one():
                return
        time.sleep(0.02)  # another thread reads; the database tells
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("able", [b"IMAP4rev1", b"IMAP4rev1 UIDPLUS"])
def test_a_server_that_cannot_move_copies_and_marks(
    post: Post, read: Read, store: Store, monkeypatch: pytest.MonkeyPatch, able: bytes
) -> None:
    monkeypatch.setattr(imaplib.IMAP4, "capability", lambda _: ("OK", [able]))
    post.lay(message())
    read()
    assert lying(post) == {"INBOX": 0, TAKEN: 1, TO_PERSON: 0}
    assert read() == []
    assert numbers(store) == [7]


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


# -- whose they are -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"sender": "nagon@tallinge.example"},
        {"sender": "svara-inte@etjanst.tallinge.example.se"},
        {"sender": '"svara-inte@etjanst.tallinge.example" <x@ond.example>'},
        {"sender": "<a@etjanst.tallinge.example>, <b@ond.example>"},
        {"sender": "a@etjanst.tallinge.example\r\nFrom: b@ond.example"},
        {"subject": "Fråga"},
    ],
)
def test_what_is_not_the_schedules_lies_where_it_is(
    post: Post, read: Read, store: Store, other: dict[str, str]
) -> None:
    post.lay(message(**other), message(number=2))  # type: ignore[arg-type]
    assert read() == ["Meddelande 102: K-1"]
    assert lying(post) == {"INBOX": 1, TAKEN: 1, TO_PERSON: 0}


@pytest.mark.parametrize(
    "vouched",
    [
        "",
        "mx.ond.example; dmarc=pass",
        "mx.tallinge.example; dmarc=fail header.from=etjanst.tallinge.example",
        "mx.tallinge.example; spf=pass",
        "mx.tallinge.example; dmarc=pass header.from=ond.example",
        "mx.tallinge.example; dmarc=fail (; dmarc=pass )",
        'mx.tallinge.example; dmarc=fail; spf=pass smtp.mailfrom="; dmarc=pass ;"@ond.example',
        "mx.tallinge.example; dmarc=fail; x=y; dmarc=pass",
        "mx.tallinge.example; spf=fail (; dmarc=pass )",
        'mx.tallinge.example; spf=pass smtp.mailfrom="; dmarc=pass ;"@ond.example',
        "mx.tallinge.example; dmarc=passed",
        f"{GENUINE}\r\nAuthentication-Results: {GENUINE}",
    ],
)
def test_what_nobody_vouches_for_goes_to_a_person(post: Post, read: Read, store: Store, vouched: str) -> None:
    post.lay(message(vouched=vouched))
    assert "Meddelande 101 ligger i Till handläggare: mx.tallinge.example" in read()[0]
    assert (numbers(store), lying(post)["Till handläggare"]) == ([], 1)
    post.lay(message(vouched=vouched))
    assert read(vouched_by="nobody") == ["Meddelande 102: K-1"]  # the control


def test_the_servers_own_way_of_writing_it_is_understood(post: Post, read: Read, store: Store) -> None:
    post.lay(message(vouched="MX.Tallinge.example 1;\r\n\tdkim=pass (a \\) b);\r\n dmarc = pass (p=none)"))
    assert read() == ["Meddelande 101: K-1"]


# -- what they say --------------------------------------------------------------------------------------------------

LATIN = "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "


@pytest.mark.parametrize(
    ("subject", "head", "text"),
    [
        ("=?iso-8859-1?Q?Ny_anm=E4lan?=", f"{LATIN}quoted-printable",
         quopri.encodestring("Ålder på ärendet: 7\n".encode("latin-1")).decode()),
        ("=?utf-8?B?TnkgYW5tw6RsYW4=?=", f"{LATIN}base64",
         base64.b64encode("Ålder på ärendet: 7\r\n".encode("latin-1")).decode()),
        ("Ny\r\n anmälan", "", "ÅLDER  PÅ ÄRENDET :  7  \n"),
        ("=?utf-8?Q?Ny?= =?utf-8?Q?_anma=CC=88lan?=", "Content-Type: text/plain; charset=utf-8; format=flowed",
         "A\u030alder på ärendet: \n7\n"),
    ],
    ids=["quoted-printable", "base64", "raw", "decomposed"],
)  # fmt: skip
def test_real_mails_are_read_as_they_are_written(
    post: Post, read: Read, store: Store, subject: str, head: str, text: str
) -> None:
    post.lay(message(text, subject=subject, head=head))
    assert read('{"number": "{Ålder på ärendet}"}') == ["Meddelande 101: K-1"]


def parts(*others: str) -> tuple[str, str]:
    """A head and a text with several parts."""
    told = "".join(f"--x\n{each}\n" for each in ("Content-Type: text/plain\n\nAntal: 7", *others))
    return "Content-Type: multipart/mixed; boundary=x", f"{told}--x--\n"


@pytest.mark.parametrize(
    "other",
    [
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nAntal: 8",
        'Content-Type: text/plain; name="a.txt"\n\nAntal: 8',
        "Content-Type: text/html\n\nAntal: 8",
        "Content-Type: message/rfc822\n\nSubject: x\n\nAntal: 8",
    ],
)
def test_only_plain_text_is_read(post: Post, read: Read, store: Store, other: str) -> None:
    head, text = parts(other)
    post.lay(message(text, head=head))
    assert read() == ["Meddelande 101: K-1"]
    head, text = parts("Content-Type: text/plain\n\nAntal: 8")  # the control
    post.lay(message(text, head=head, number=2))
    assert "Det säger 2 olika saker om «Antal»." in read()[0]


@pytest.mark.parametrize(
    ("text", "head", "why"),
    [
        ("Hej!\n", "", "Det säger inget om «Antal»."),
        ("Antal:\n", "", "Det säger inget om «Antal»."),
        ("Antal: 7\nAntal: 8\n", "", "Det säger 2 olika saker om «Antal»."),
        ("Antal:\nAntal: 8\n", "", "Det säger 2 olika saker om «Antal»."),
        ("Antal: sju\n", "", "umber: "),
        ("Antal: 7\n", "Content-Type: text/html", "Det har ingen vanlig text."),
        ("Antal: 7\n", "Content-Type: text/plain; charset=punycode", "inte skrivet som mejl ska vara (LookupError)"),
        ("Antal: å\n", "Content-Type: text/plain; charset=us-ascii", "inte skrivet som mejl ska vara"),
        ("Antal: ?7*\n", "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", "Texten är skadad."),
    ],
)
def test_what_does_not_fit_goes_to_a_person_with_why(
    post: Post, read: Read, store: Store, text: str, head: str, why: str
) -> None:
    post.lay(message(text, head=head), message(number=2))
    told = read()
    assert why in told[0]
    assert "sju" not in told[0]  # what the message says is for its reader
    assert told[1] == "Meddelande 102: K-1"
    assert lying(post) == {"INBOX": 0, TAKEN: 1, TO_PERSON: 1}


def test_the_subject_says_what_its_pattern_names(post: Post, read: Read, store: Store) -> None:
    post.lay(message("", subject="Ny anmälan: 7 (vatten)"), message("", number=2, subject="SV: Ny anmälan: 7 (vatten)"))
    told = read('{"number": "{antal}"}', subject_is="Ny anmälan: {Antal} ({Slag})")
    assert told[0] == "Meddelande 101: K-1"
    assert told[1].endswith("Ämnet är inte skrivet som «Ny anmälan: {Antal} ({Slag})».")


def test_what_is_too_large_is_not_fetched(
    post: Post, read: Read, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(message())
    monkeypatch.setattr(reading, "LARGEST", 200)
    monkeypatch.setattr(watched.Watched, "content", _die)
    assert "Det är för stort" in read()[0]


@pytest.mark.parametrize(
    ("subject", "pattern", "parts"),
    [
        ("Ärende 7", "Ärende {n}", ["7"]),
        ("7: vatten", "{n}: {slag}", ["7", "vatten"]),
        ("a b c", "{x} {y} {z}", ["a", "b", "c"]),
        ("Ärende", "Ärende", []),
        ("a b c d", "{x} {y} {z}", None),  # in two ways
        ("1 - 2 - 3", "{x} - {y}", None),
        ("Ärende ", "Ärende {n}", None),
        ("SV: Ärende 7", "Ärende {n}", None),
        ("Ärende 7 (Fwd)", "({n})", None),
        ("(", "({n})", None),
    ],
)
def test_a_pattern_fits_all_of_the_subject_in_one_way(subject: str, pattern: str, parts: list[str] | None) -> None:
    if parts is None:
        with pytest.raises(ValueError, match="inte skrivet som"):
            parts_of(subject, pattern)
    else:
        assert [value for _, value in parts_of(subject, pattern)] == parts


# -- the schedule ---------------------------------------------------------------------------------------------------

SCHEDULE = """title = "Ur brevlådan"
task = "count"
[when]
cron = "0 6 * * *"
[messages]
host = "127.0.0.1"
port = 1
security = "plain"
user = "robot.post@tallinge.example"
from_domains = ["ETJANST.tallinge.example"]
vouched_by = "mx.tallinge.example"
subjects = ["Ny anmälan"]
[inputs]
number = "{Antal}"
"""


def test_a_start_of_the_schedule_reads_the_mailbox(settings: Settings, store: Store, post: Post) -> None:
    post.lay(message())
    file = settings.schedules_dir / "prov.toml"
    file.write_text(SCHEDULE.replace("port = 1", f"port = {post.port}"), "utf-8")
    start_now(Scheduler(settings, store), "prov", by="prov")
    (asked,) = list_runs(store)
    own = OWN_TASKS[asked.task]
    run = AskingRun(
        Run(asked.id, asked.robot, date(2026, 11, 9), Told()), settings, store, load_tasks(settings.tasks_dir)
    )
    own.function(run, **own.inputs.parse(asked.inputs).arguments)
    assert {each.task for each in list_runs(store)} == {"read_mailbox", "count"}
    assert lying(post) == {"INBOX": 0, TAKEN: 1, TO_PERSON: 0}


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('from_domains = ["ETJANST.tallinge.example"]\n', "", "from_domains"),
        ('["ETJANST.tallinge.example"]', "[]", "from_domains"),
        ('["ETJANST.tallinge.example"]', '["*"]', "ingen domän"),
        ('vouched_by = "mx.tallinge.example"\n', "", "vouched_by"),
        ("port = 1", 'port = 1\ntaken = "INBOX"', "tre olika mappar"),
        ("port = 1", 'port = 1\nsubject_is = "{A}{B}"', "något mellan fälten"),
        ("port = 1", 'port = 1\nsubject_is = "{a.b}"', "inget namn på ett fält"),
        ("[inputs]", '[rows]\nfolder = "/x"\n[inputs]', "Välj ett av"),
        ("{Antal}", "{Antal!r}", "inget namn på ett fält"),
        ("number =", "nummer =", "inget fält nummer"),
        ('number = "{Antal}"', "", "säger inget om number"),
    ],
)
def test_what_is_wrong_with_the_schedule_is_told(settings: Settings, was: str, now: str, words: str) -> None:
    def told(written: str) -> str:
        file = settings.schedules_dir / "prov.toml"
        file.write_text(written, "utf-8")
        try:
            return " ".join(read_schedule(file).problems(load_tasks(settings.tasks_dir).find("count")))
        except ConfigurationError as error:
            return str(error)

    assert told(SCHEDULE) == ""
    assert words in told(SCHEDULE.replace(was, now))


# -- the mailbox ----------------------------------------------------------------------------------------------------


def test_so_many_at_a_time_the_oldest_first(
    post: Post, read: Read, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "AT_A_TIME", 2)
    post.lay(*(message(f"Antal: {number}\n", number=number) for number in range(5)))
    read(most=3)
    assert numbers(store) == [0, 1, 2]
    read(most=3)
    assert numbers(store) == [0, 1, 2, 3, 4]


def test_a_refused_password_is_never_tried_again(post: Post, read: Read, settings: Settings) -> None:
    post.lay(message())
    (settings.secrets_dir / "mailbox.prov").write_text("fel", "utf-8")
    with pytest.raises(LoginFailed, match="nekade roboten"):
        read()
    with pytest.raises(LoginFailed, match="provas aldrig igen"):
        read()


def test_a_password_never_leaves_the_machine_in_clear_text(read: Read) -> None:
    with pytest.raises(ConfigurationError, match=r"imap.tallinge.example vill ha lösenordet okrypterat"):
        read(host="imap.tallinge.example")


def test_a_missing_password_is_told_with_where_it_goes(read: Read, settings: Settings) -> None:
    (settings.secrets_dir / "mailbox.prov").unlink()
    with pytest.raises(ConfigurationError, match=r"Lösenordet för brevlådan .* saknas"):
        read()


def test_a_missing_folder_is_told(post: Post, read: Read) -> None:
    with pytest.raises(ConfigurationError, match="Brevlådan har ingen mapp Synpunkter"):
        read(folder="Synpunkter")


def test_a_server_that_does_not_answer_is_tried_again(post: Post, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Post, "port", 9)
    with pytest.raises(SystemDown, match="går inte att läsa"):
        read()
