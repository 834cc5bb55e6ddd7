"""What reads something from outside, and what must hold of it, whatever it is given.

Nothing but the errors that each says itself that it raises may come out of it; what else must hold stands with each.
Those that read files and answers of other systems are in ``readers.py``.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from hypothesis import strategies as st

from robots import fields
from robots.browser import origins
from robots.errors import ConfigurationError, DownloadBroken, EvidenceUnreadable, WrongInput
from robots.evidence import redaction, sealed
from robots.evidence.keys import DataKey
from robots.scheduler import schedule
from robots.systems import documents
from robots.workdays import Calendar, read_calendar
from robots.worker import messages
from tests.fuzz import readers
from tests.fuzz.hunting import Parser, in_text, twisted
from tests.unit.workbook_files import ALL_TITLES, KINDS

_ODD = ["\0", "\n", "\u202e", "\u00ad", "\u2013", "\uff11", "²", "٣", "ß", "İ", "Å", " ", "9" * 5000, "-", ":"]
SIGNS = [each.encode() for each in _ODD]

_IDENTIFIERS = [
    each for each in vars(fields).values()
    if isinstance(each, type) and issubclass(each, fields.Identifier) and each is not fields.Identifier
]  # fmt: skip
_TYPED = in_text(twisted([each.words.example.encode() for each in _IDENTIFIERS], SIGNS)) | st.text()
_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.datetimes() | st.binary() | _TYPED
_ANY = _VALUES | st.lists(_VALUES) | st.dictionaries(st.text(), _VALUES)


def _look_at_fields(told: tuple[int, str, Any]) -> None:
    """What is taken is written in one way, which is taken again as it is, and its mask does not show it."""
    place, typed, other = told
    for kind in _IDENTIFIERS:
        with suppress(ValueError):
            found = kind(typed)
            assert kind(found) == found
            assert kind is not fields.PersonalNumber or found[4:] not in found.masked
    with suppress(WrongInput):
        values = KINDS.inputs.parse({each.name: typed if n == place else other for n, each in enumerate(KINDS.inputs)})
        assert KINDS.inputs.parse(values.stored).stored == values.stored


_SECRET = "Älvdotter & Söner/9"
_AROUND = st.text("ab Å,.;:<>()\n\t\"'=%&+-_0123456789\u0301", max_size=30)
_WRITINGS = [
    _SECRET, _SECRET.upper(), _SECRET.replace(" ", "\n"), unicodedata.normalize("NFD", _SECRET),
    "%C3%84lvdotter%20%26%20S%C3%B6ner%2F9", "%C3%84lvdotter+%26+S%C3%B6ner%2F9", "Älvdotter &amp; Söner/9",
    "&#196;lvdotter & S&#246;ner/9", "\\u00c4lvdotter & S\\u00f6ner/9",
]  # fmt: skip
_PERSONS = ("19811118-9802", "811118-9802", "198111189802", "19811118\u20139802", "811118+9802", "19811118 9802")


def _look_at_redaction(told: tuple[str, str, str, str]) -> None:
    """What is known is covered in every writing, and a personal number that stands by itself."""
    before, after, secret, number = told
    text = redaction.redact(f"{before} {secret} {after} [{number}]", {_SECRET})
    assert secret.casefold() not in text.casefold()
    assert number not in text


_NAMES = st.text(max_size=300) | in_text(
    twisted([b"ritning.pdf", b"..\\..\\CON.txt", b"/etc/passwd", b"LPT1"], [*SIGNS, b"/", b"\\", b"..", b"NUL", b"."])
)
_HEADERS = in_text(
    twisted(
        [b"attachment; filename=a.pdf", b"attachment; filename*=UTF-8''%C3%A5.pdf", b"attachment; filename*0*=x''a"],
        [*SIGNS, b"%00", b"*0*=", b";", b"%2F", b"=?x?q?=00?=", b"filename", b"''", b'"'],
    )
)


def _look_at_names(told: tuple[str, str, str]) -> None:
    """A name leads to no other folder, is short, and stays as it is; so with the one in an answer's own words."""
    name, disposition, length = told
    answer = Mock(headers={"content-disposition": disposition, "content-length": length}, url="http://x/a", status=200)
    answer.body.return_value = b"%PDF-%%EOF"
    with suppress(DownloadBroken):
        name += documents.pdf_from(answer).name
    plain = documents.plain_name(name)
    assert plain
    assert not set(plain) & set("/\\\0\n\r")
    assert plain not in (".", "..")
    assert len(plain) <= documents.LONGEST_NAME + 1
    assert documents.plain_name(plain) == plain


_ADDRESSES = in_text(
    twisted(
        [b"https://arkiv.tallinge.example:8443/a?b#c", b"wss://[::1]/", b"blob:http://127.0.0.1:80/x", b"about:blank"],
        [*SIGNS, b"@", b"\\", b"[", b"]", b"//", b"https:", "å".encode(), b"xn--", b"%00", b"..", b"0x7f.1"],
    )
)
_OURS = origins.Origins.of(["https://arkiv.tallinge.example:8443", "http://127.0.0.1"])


def _look_at_addresses(address: str) -> None:
    """What is held to be the system's leads a browser nowhere else; whoever is told of an address sees no path."""
    origins.Origins.of([address])
    origins.is_sealed(address)
    assert "/a?b" not in origins.shown(address)
    if _OURS.hold(address):
        rest = address.partition("://")[2].lower()
        assert rest.startswith(("arkiv.tallinge.example:8443", "127.0.0.1"))
        assert rest.partition("/")[0].partition("?")[0].partition("#")[0].count("@") == 0


_NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
_WHEN = [
    b'cron = "0 7 * * mon-fri"', b'every = "15 minutes"\nhours = "07:00-17:00"',
    b"workday_of_month = 2\nat = [07:00:00]",
    b'every = "2 weeks"\nstarting = 2026-11-02\nat = [07:00:00, 12:30:00]', b"on = [2026-12-01T08:00:00]",
]  # fmt: skip
_HEAD = b'title = "Prova"\ntask = "try"\n'
_MORE = b'\n[messages]\nhost="m"\nuser="u"\nfrom_domains=["a.example"]\nvouched_by="v"\nsubject_is="Nr {a}"\n'
_TOML = [
    _HEAD + b"[when]\n" + each + more for each in _WHEN for more in (b"", _MORE, b'\n[inputs]\na="{case_number}"\n')
]
_WORDS = [
    *SIGNS, b"[" * 2000, b'"', b" ", b"0", b"-1", b"99999999999999999999", b"9999-12-31", b"0001-01-01", b"23:59:59",
    b"workdays", b'never = ["red", "squeeze"]\n', b'days = "workdays"\n', b"*/0", b"L", b"{", b"}", b"inf", b"1-5/2",
    b"feb", b"31", b"[when]", b"[cases]\ninbox='x'\n",
]  # fmt: skip


def _look_at_schedules(written: str) -> None:
    """What is taken tells its starts: in order, and of the time that was asked for."""
    with suppress(ConfigurationError):
        found = schedule.parse_schedule("prova", written, Path("prova.toml"))
        assert all(isinstance(each, str) for each in found.problems(KINDS))
        until = _NOW + timedelta(days=40)
        starts = found.when.starts(_NOW, until, Calendar())
        assert starts == sorted(set(starts))
        assert all(_NOW < each.due <= until for each in starts)


def _look_at_calendars(written: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "calendar.toml")
        path.write_bytes(written)
        with suppress(ConfigurationError):
            read_calendar(path).workdays_after(_NOW.date(), 3)


_SUBJECTS = in_text(twisted([b"Nr KC-26110042-4 om EKBACKEN 3:14", b"Nr 1 om 2 om 3"], [*SIGNS, b" om ", b"Nr "]))
_PATTERNS = in_text(twisted([b"Nr {a} om {b}", b"{a} {b}", b"Nr"], [b"{", b"}", b"{c}", b" om ", b"!r", b":", b"{{"]))


def _look_at_subjects(told: tuple[str, str, str]) -> None:
    """The parts put into the pattern again are the subject."""
    subject, pattern, text = told
    with suppress(ValueError):
        model = {"host": "m", "user": "u", "from_domains": ["a.example"], "vouched_by": "v", "subject_is": pattern}
        ours = messages.Messages.model_validate(model)
        facts = ours.facts_in(subject, text)
        with suppress(LookupError):
            messages.filled_in({"a": pattern}, facts)
        parts = dict(messages.parts_of(subject, pattern)) if pattern else {}
        if len(set(parts)) == pattern.replace("{{", "").count("{") and parts:
            assert pattern.format_map(parts) == subject


_KEY = DataKey(7, b"k" * 32)
_CONTENT = "Underlaget för K-1".encode()
_SEALED = [sealed.seal(_KEY, 1, "a.txt", _CONTENT)]


def _look_at_sealed(told: tuple[bytes, int, str]) -> None:
    """Nothing but what was sealed opens, and under its own name alone."""
    changed, run_id, file = told
    keys = Mock()
    keys.by_id.side_effect = lambda number: _KEY if number == _KEY.id else DataKey(number, b"o" * 32)
    with suppress(EvidenceUnreadable):
        assert sealed.unseal(keys, run_id, file, changed) == _CONTENT
        assert (changed, run_id, file) == (_SEALED[0], 1, "a.txt")


OURS = (
    Parser(
        "fields", st.tuples(st.integers(0, len(ALL_TITLES) - 1), _TYPED, _ANY), _look_at_fields,
        ("robots.fields.PersonalNumber.masked", property(str)),
    ),
    Parser(
        "redaction", st.tuples(_AROUND, _AROUND, st.sampled_from(_WRITINGS), st.sampled_from(_PERSONS)),
        _look_at_redaction, (
            "robots.evidence.redaction._finding",
            lambda known: (re.compile("|".join(map(re.escape, known))),) * 2,
        ),
    ),
    Parser(
        "file-names", st.tuples(_NAMES, _HEADERS, st.sampled_from(("", "10", "11", "²", "٣", "9" * 5000))),
        _look_at_names, ("robots.systems.documents.plain_name", lambda name: name.replace("/", "") or "fil"),
    ),
    Parser(
        "addresses", _ADDRESSES, _look_at_addresses,
        ("robots.browser.origins.origin_of", lambda a: next(iter(_OURS.allowed)) if "arkiv" in a else None),
    ),
    Parser(
        "schedules", in_text(twisted(_TOML, _WORDS)), _look_at_schedules,
        ("robots.scheduler.schedule.checked", lambda model, values, _path, _name: model.model_validate(values)),
    ),
    Parser(
        "calendars", twisted([b'[2026-12-23]\nwhy = "Ledigt"\nuntil = 2026-12-27\n'], _WORDS), _look_at_calendars,
        ("robots.workdays.read_toml", lambda path: __import__("tomllib").loads(path.read_text())),
    ),
    Parser(
        "subjects", st.tuples(_SUBJECTS, _PATTERNS, st.text()), _look_at_subjects,
        ("robots.worker.messages._split", lambda text, between: [text, *between]),
    ),
    Parser(
        "evidence",
        st.tuples(twisted(_SEALED, [b"\0" * 8, b"RGN1"]), st.integers(0, 3), st.sampled_from(("a.txt", "b"))),
        _look_at_sealed, ("robots.evidence.sealed.AESGCM", lambda _key: Mock(decrypt=Mock(return_value=_CONTENT))),
    ),
)  # fmt: skip

PARSERS = {each.name: each for each in (*OURS, *readers.READERS)}
