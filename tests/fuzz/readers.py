"""What reads files and other systems' answers: mails, JSON, pictures, workbooks, proofs and tokens."""

from __future__ import annotations

import functools
import io
import json
import tempfile
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey
from PIL import Image

from robots.audit import proof
from robots.audit.chain import TEXTS, Anchor, digest_of, hash_of
from robots.cases.easit_go import wire as easit
from robots.cases.email import wire as mails
from robots.cases.email.post import received
from robots.cases.support_management import wire as errands
from robots.errors import BusinessException, ConfigurationError, DownloadBroken, PageNotRecognised, WrongInput
from robots.portal.doors import oidc
from robots.systems import documents
from robots.workbooks import reader
from tests.conftest import ROOT
from tests.fuzz.hunting import Parser, twisted
from tests.unit.workbook_files import ALL_TITLES, KINDS, PERSON, case, repacked, sheet_file

# -- mails ------------------------------------------------------------------------------------------------------------

_SUM = b"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of «hello»
_PLAIN = (
    b"From: Ronja <ronja@kund.example>\r\nSubject: =?utf-8?q?N=C3=A4r?=\r\nMessage-ID: <a@b.example>\r\n"
    b"Authentication-Results: mx.example; dmarc=pass header.from=kund.example\r\n"
)
_MAILS = [
    _PLAIN + b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xc3\x84rende: KC-26110042-4\r\n\r\nHej\r\n",
    _PLAIN + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nSGVq\r\n--x\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
    b"hello\r\n--x--\r\n",
    _PLAIN + b"\r\nBilaga: " + _SUM + b" 5 a.txt\r\nSkapat: 2026-11-23\r\n\r\nHej",
]
_OF_MAILS = [
    b"\r\n", b"\0", b"\xff", b"=?utf-7?q?x?=", b"=?x?b?=?=", b"charset=punycode", b"charset=idna", b'charset="\0"',
    b"charset*=x''%ff", b"filename*0*=", b"From: ", b"<", b">", b"(", b'"', b"@", b",", b":;", b"\\", b"message/rfc822",
    b"multipart/digest", b"multipart/alternative", b"uuencode", b"begin 666 a\r\n", b"quoted-printable",
    b"base64", b"=",
    b"9" * 5000, "²٣".encode(), b"dmarc=fail;", b"format=flowed", b"Bilaga: ", b"Skapat: ", b"charset=unicode_escape",
]  # fmt: skip
_NAMES = mails.Names.of(tomllib.loads((ROOT / "config" / "systems.toml").read_text("utf-8"))["email"]["names"])


def _look_at_received(content: bytes) -> None:
    """Who is said to have sent it is one address, and nobody vouches who does not say so."""
    with suppress(received.NotPlain):
        head, told = received.head_of(content), received.received(content)
        assert (head.sender, head.subject) == (told.sender, told.subject)
        assert told.sender.count("@") == 1
        assert not set(told.sender + told.subject) & set("\r\n")
        told.demand_genuine("mx.example")
        assert b"dmarc" in content.lower()


def _look_at_letters(content: bytes) -> None:
    """What a case system's mail tells of files adds up, or is refused."""
    letter = mails.Letter(content)
    for look in (lambda: letter.everything, lambda: letter.day(_NAMES.created), lambda: letter.text("Ärende")):
        with suppress(PageNotRecognised):
            look()
    with suppress(PageNotRecognised):
        for each in letter.told_files(_NAMES):
            with suppress(DownloadBroken):
                letter.file(each)


# -- answers ----------------------------------------------------------------------------------------------------------

_ITEM = {
    "columns": {"column": [{"content": "a"}, {"content": "b"}]}, "page": 1, "totalNumberOfPages": 1,
    "totalNumberOfItems": 1, "items": {"item": [{"id": "1", "property": [
        {"name": "a", "content": "KC-26110042-4", "rawValue": "2026-11-23T06:00:00Z"}, {"name": "b", "content": None}],
        "attachment": [{"name": "f", "value": "aGVq", "contentId": "1"}]}]},
}  # fmt: skip
_ERRAND = {
    "id": "1", "errandNumber": "KC-26110042-4", "title": "T", "status": "NEW", "created": "2026-11-23T06:00:00Z",
    "classification": {"category": "c", "type": "t"}, "parameters": [{"key": "k", "values": ["v"]}],
    "stakeholders": [{"role": "r", "contactChannels": [{"type": "t", "value": "v"}]}],
}  # fmt: skip
_OF_JSON = [
    b"null", b"[]", b"{}", b'"', b"1e999", b"-1", b"NaN", b"true", b"[" * 300, b'"\\ud800"', b"9" * 5000, b"\xff",
    "å".encode(), b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"2026-13-45", b"null:2", b"=", b"\0", b",", b":",
]  # fmt: skip
_STATUSES = st.sampled_from((200, 201, 204, 301, 400, 404, 500))
_EASIT = [json.dumps(_ITEM).encode(), b'{"importItemResult": [{"result": "OK", "skippedOrExceptionMessage": null}]}']
_ERRANDS = [json.dumps(_ERRAND).encode(), json.dumps({"content": [_ERRAND], "number": 0, "totalPages": 1,
                                                      "totalElements": 1}).encode()]  # fmt: skip


def _look_at_easit(told: tuple[int, bytes]) -> None:
    """A row that is told has its text, day and files, or says which of them it has not."""
    answer = httpx.Response(told[0], content=told[1], headers={"content-type": "application/json"})
    assert isinstance(easit.refusal(answer), str)
    with suppress(PageNotRecognised):
        for row in easit.Listing("vy", answer).rows:
            for look in (row.text, row.day, row.files):
                with suppress(PageNotRecognised, BusinessException, ConfigurationError, DownloadBroken):
                    look("a")


def _look_at_errands(told: tuple[int, bytes]) -> None:
    """Parameters of one value give it, and what is told is a moment of some day."""
    answer = httpx.Response(told[0], content=told[1])
    with suppress(PageNotRecognised, BusinessException):
        errand = errands.read_as(errands.Errand, answer)
        assert errand.created.tzinfo is not None
        errands.value_of(errand.parameters, "k")
    with suppress(PageNotRecognised):
        errands.read_as(errands.Errands, answer)


# -- files ------------------------------------------------------------------------------------------------------------


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (9, 7), "red").save(made, kind, exif=Image.Exif(), dpi=(72, 72))
    return made.getvalue()


_FILES = [_picture("PNG"), _picture("JPEG"), b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"]
_OF_FILES = [
    b"%PDF-", b"%%EOF", b"\xff\xd8", b"\xff\xd9", b"\xff\xe1\0\x10Exif\0\0II", b"\xff\xe2\0\x08MPF\0II*\0",
    b"IHDR", b"\0",
    b"IDAT", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"iCCP", b"zTXt", b"acTL", b"\xff\xc0", b"\xff\xc4", b"\xff\xed\0\x40",
    b"Photoshop 3.0\x008BIM", b"tRNS", b"pHYs", b"iTXt", b"fcTL", b"JFIF\0", b"Adobe\0",
]  # fmt: skip


def _look_at_types(content: bytes) -> None:
    """What was cut is nothing: every type has its beginning and its end."""
    kind = documents.type_of(content)
    begins = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", documents.PDF_TYPE: b"%PDF-"}
    assert content.startswith(begins.get(kind, b""))
    assert kind != documents.PDF_TYPE or b"%%EOF" in content[-1024:]


@functools.cache
def _workbook() -> list[bytes]:
    row = [case(1), PERSON, "EKBACKEN 3:14", datetime(2026, 11, 24), "Slam", "ja", 2.5, "Hej"]
    with tempfile.TemporaryDirectory() as folder:
        return [sheet_file(Path(folder), [ALL_TITLES, row, row]).read_bytes()]


_OF_SHEETS = [
    b'r="A1048577"', b't="e"', b't="b"', b't="d"', b"<f>A1</f>", b'hidden="1"', b"&#0;", b"<!DOCTYPE a [",
    b"1e400", b"NaN",
    b'<mergeCell ref="A1:B2"/>', b"-1", b"99999999999", b"</row>", b'r="1"', b's="9"', b"_x0000_",
    b"inlineStr", b"\xff",
]  # fmt: skip


@st.composite
def _workbooks(draw: st.DrawFn) -> bytes:
    """The packed file twisted, or one of its parts, and packed again."""
    whole = _workbook()[0]
    part = draw(st.sampled_from(("", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml",
                                 "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels")))  # fmt: skip
    if not part:
        return draw(twisted([whole], [b"PK\x05\x06", b"PK\x01\x02", b"\xff\xff\xff\xff", b"\0\0\0\0"]))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.xlsx")
        file.write_bytes(whole)
        return repacked(
            file, lambda name, told: draw(twisted([told], _OF_SHEETS)) if name == part else told
        ).read_bytes()  # fmt: skip


def _look_at_workbooks(content: bytes) -> None:
    """A row has values that are right, or tells what is wrong with them."""
    with tempfile.TemporaryDirectory() as folder, suppress(WrongInput):
        file = Path(folder, "a.xlsx")
        file.write_bytes(content)
        with reader.open_sheet(KINDS, file) as opened:
            for row in opened.rows():
                assert row.example or (row.values is None) == bool(row.problems)


# -- proofs and tokens ------------------------------------------------------------------------------------------------


def _proof(lines: int) -> bytes:
    told: list[dict[str, Any]] = []
    last = ""
    for seq in range(1, lines + 1):
        event: dict[str, Any] = {"id": seq, "at": datetime(2026, 11, 23, tzinfo=UTC), **dict.fromkeys(TEXTS, f"t{seq}")}
        digest = digest_of(event)
        last = hash_of(last, seq, digest)
        told.append({"seq": seq, "digest": digest, "hash": last, "event": event | {"at": event["at"].isoformat()}})
    whole = {"format": proof.FORMAT, "made_at": "2026-11-23T00:00:00Z", "asked": {}, "after": {"seq": 0, "hash": ""}}
    return json.dumps(whole | {"head": {"seq": lines, "hash": last}, "lines": told}).encode()


_PROOF = _proof(3)
_LIE = _PROOF.replace(b'"detail": "t2"', b'"detail": "t9"')
_WHOLE = proof.Proof.model_validate_json(_PROOF)
_TAIL = [_WHOLE.lines[-1].hash.encode(), f"3:{_WHOLE.lines[-1].hash}".encode(), b"3:", b"a" * 300, b"\0", b"9" * 5000]


def _look_at_proofs(told: tuple[bytes, bytes]) -> None:
    """With its newest line known from elsewhere, nothing that it tells of can be another than it was."""
    anchor = Anchor(3, _WHOLE.lines[-1].hash)
    with suppress(WrongInput):
        proof.read_anchor(told[1].decode("utf-8", "replace"))
    with tempfile.TemporaryDirectory() as folder, suppress(WrongInput):
        file = Path(folder, "bevis.json")
        file.write_bytes(told[0])
        found = proof.read_proof(file)
        checked = proof.verify_proof(found, [anchor])
        if checked.fault is None and not checked.unknown:
            assert all(line.event in (None, _WHOLE.lines[line.seq - 1].event) for line in found.lines)


_SIGNING = RSAKey.generate_key(2048, {"kid": "1"})
_PROVIDER = oidc.Provider("https://id.example", "ragnhild", "https://desk.example/back", "openid", "groups")
_CLAIMS = {"iss": _PROVIDER.issuer, "aud": _PROVIDER.client_id, "sub": "s", "nonce": "n", "exp": 4102444800, "iat": 1}
_ODD_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
_ODD_CLAIMS = st.dictionaries(
    st.sampled_from((*_CLAIMS, "azp", "nbf", "at_hash", "amr", "groups", "name", "_claim_names", "preferred_username")),
    _ODD_VALUES | st.lists(_ODD_VALUES, max_size=3) | st.dictionaries(st.text(max_size=5), _ODD_VALUES, max_size=2),
    max_size=3,
)


@functools.cache
def _token() -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, dict(_CLAIMS), _SIGNING)


def _look_at_tokens(told: tuple[dict[str, Any], bytes, Any]) -> None:
    """Nobody is known but by a token that is signed, for us, and for this login."""
    claims, changed, keys = told
    public = {"keys": [_SIGNING.as_dict(private=False)]}
    signed = jwt.encode({"alg": "RS256", "kid": "1"}, _CLAIMS | claims, _SIGNING)
    for token, known_keys in ((signed, public), (changed.decode("latin-1"), public), (_token(), keys)):
        with suppress(oidc.Refused):
            known = _PROVIDER._known(token, known_keys, "n")
            wanted = _CLAIMS | (claims if token == signed else {})
            assert known.subject == f"{_PROVIDER.issuer} {wanted['sub']}"
            assert wanted["nonce"] == "n"
            assert _PROVIDER.client_id in (wanted["aud"] if isinstance(wanted["aud"], list) else [wanted["aud"]])


_TOKENS = st.tuples(
    _ODD_CLAIMS, twisted([_token().encode()], [b".", b"..", b"=", b"e30", b"\xff", b'{"alg":"none"}']),
    st.dictionaries(st.sampled_from(("keys", "x")), _ODD_VALUES | st.lists(_ODD_CLAIMS, max_size=2)),
)  # fmt: skip

READERS = (
    Parser(
        "messages", twisted(_MAILS, _OF_MAILS), _look_at_received,
        ("robots.cases.email.post.received._plainly", suppress),
    ),
    Parser(
        "case-mails", twisted(_MAILS, _OF_MAILS), _look_at_letters,
        ("robots.cases.email.wire.PageNotRecognised", KeyError),
    ),
    Parser(
        "easit", st.tuples(_STATUSES, twisted(_EASIT, _OF_JSON)), _look_at_easit,
        ("robots.cases.easit_go.wire.PageNotRecognised", KeyError),
    ),
    Parser(
        "errands", st.tuples(_STATUSES, twisted(_ERRANDS, _OF_JSON)), _look_at_errands,
        ("robots.cases.support_management.wire.PageNotRecognised", KeyError),
    ),
    Parser(
        "file-types", twisted(_FILES, _OF_FILES), _look_at_types,
        ("robots.systems.documents._picture_type", lambda content: "image/png" if b"IHDR" in content else ""),
    ),
    Parser(
        "workbooks", _workbooks(), _look_at_workbooks,
        ("robots.workbooks.bounded.WrongInput", KeyError),
    ),
    Parser(
        "proofs", st.tuples(twisted([_PROOF, _LIE], [*_OF_JSON, b"t2", b"t9"]), twisted(_TAIL, [b":", b"0"])),
        _look_at_proofs,
        ("robots.audit.chain.digest_of", lambda event: _WHOLE.lines[(event["id"] - 1) % 3].digest),
    ),
    Parser(
        "tokens", _TOKENS, _look_at_tokens,
        ("robots.portal.doors.oidc.CodeIDToken.validate", lambda _claims, **_more: None),
    ),
)  # fmt: skip
