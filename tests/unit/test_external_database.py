"""A PostgreSQL that is not ours: whoever cannot get in is told why, in one Swedish line, and never the password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from robots.cli import main as command_line
from robots.cli.doctor import examine
from robots.errors import ConfigurationError
from robots.settings import load_settings, write_secret
from robots.store import open_store
from robots.store.engine_schema import _with_whole_kinds, engine_steps
from tests.external_database import MISSING, ExternalServer, external_server, make_certificates, server_programs

NEWEST = "03.10.99"
pytestmark = pytest.mark.skipif(server_programs() is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[ExternalServer]:
    with external_server() as running:
        yield running


@pytest.fixture
def data(tmp_path: Path, server: ExternalServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that knows the server's address, and its password in a file of its own."""
    write_secret(tmp_path / "data" / "secrets" / "database", server.password + "\n")
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", server.url)
    return tmp_path / "data"


def _open(server: ExternalServer, url: str, password: str = "") -> None:
    open_store(url, Path("nowhere"), password=SecretStr(password or server.password)).close()


def test_it_is_reached_with_tls_and_watched_from_both_ends(server: ExternalServer) -> None:
    store = open_store(server.url, Path("nowhere"), password=SecretStr(server.password))
    with store.begin() as connection:
        assert connection.execute(text("select ssl from pg_stat_ssl where pid = pg_backend_pid()")).scalar_one()
        assert connection.execute(text("show tcp_keepalives_idle")).scalar_one() == "5"
        assert connection.execute(text("show tcp_user_timeout")).scalar_one() == "10000"
    store.close()


KINDS = (
    "select t.typname, array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e"
    " join pg_type t on t.oid = e.enumtypid group by t.typname order by t.typname"
)


def test_the_engines_tables_are_made_in_one_transaction_as_the_engine_makes_them_in_many(
    server: ExternalServer,
) -> None:
    steps = engine_steps(up_to=NEWEST)
    kinds, refused = [], 0
    for name, alone in (("many", True), ("one", False), ("plain", False)):
        server.ask(f"create database {name} owner ragnhild")
        address = server.url_at("127.0.0.1", database=name)
        with psycopg.connect(address, password=server.password, autocommit=alone) as connection:
            try:
                for step in steps if name != "one" else _with_whole_kinds(steps):
                    connection.execute(step.encode())
            except psycopg.errors.UnsafeNewEnumValueUsage:  # control: just as it is, it cannot be one transaction
                refused += 1
                continue
            kinds.append(connection.execute(KINDS).fetchall())
    assert (len(kinds), refused) == ((2, 1) if server.version < 17 else (3, 0))
    assert len(kinds[0]) == 2
    assert kinds[1] == kinds[0]


@pytest.mark.parametrize("command", ["runs", "worker", "up"])
@pytest.mark.usefixtures("data")
def test_a_wrong_password_is_told_in_one_line(
    server: ExternalServer, data: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_secret(data / "secrets" / "database", "fel-hemligt")
    assert command_line.carry_out([command]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"Databasen postgres på 127.0.0.1:{server.port} går inte att använda: den tar inte emot lösenordet för "
        "ragnhild. Lägg rätt lösenord i filen secrets/database i datamappen."
    ]
    assert "fel-hemligt" not in "".join(p.read_text("utf-8") for p in (data / "logs").iterdir())


def test_without_a_password_it_is_said_where_to_put_it(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PGPASSFILE", str(data / "none"))
    (data / "secrets" / "database").unlink()
    assert command_line.carry_out(["runs"]) == 2
    assert "den vill ha ett lösenord för ragnhild. Lägg det i filen secrets/database" in capsys.readouterr().err


@pytest.mark.usefixtures("data")
def test_with_the_right_one_it_opens(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.carry_out(["runs"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().err == "Inga körningar.\n"


@pytest.mark.parametrize("name", ["Tallinge kommun rot", "En annan rot"])
def test_a_certificate_of_another_authority_is_refused(server: ExternalServer, tmp_path: Path, name: str) -> None:
    """Also of one that calls itself the same."""
    other = make_certificates(tmp_path, ["127.0.0.1"], authority=name)
    with pytest.raises(ConfigurationError, match="inte utfärdat av den som sslrootcert anger"):
        _open(server, server.url.replace(str(server.root), str(other)))


def test_a_certificate_for_another_name_is_refused(server: ExternalServer) -> None:
    with pytest.raises(ConfigurationError, match="certifikat är inte utfärdat för localhost"):
        _open(server, server.url_at("localhost"))
    _open(server, server.url_at("localhost", mode="verify-ca"))  # control: it is the name alone


def test_an_authority_that_is_not_there_is_told(server: ExternalServer) -> None:
    with pytest.raises(ConfigurationError, match="rotcertifikatet som sslrootcert anger finns inte"):
        _open(server, server.url + ".borta")


def test_nobody_gets_in_without_encryption(server: ExternalServer) -> None:
    with pytest.raises(ConfigurationError, match="släpper inte in ragnhild från den här maskinen"):
        _open(server, server.url_at("127.0.0.1", mode="disable"))


def test_a_database_that_is_not_there_is_told(server: ExternalServer) -> None:
    with pytest.raises(ConfigurationError, match="databasen finns inte där"):
        _open(server, server.url_at("127.0.0.1", database="borta"))


def test_a_user_without_the_right_to_make_tables_is_told(server: ExternalServer) -> None:
    server.ask("create database annans")
    with pytest.raises(ConfigurationError, match="ragnhild får inte skapa tabeller där"):
        _open(server, server.url_at("127.0.0.1", database="annans"))


def test_a_database_of_a_newer_program_is_left_alone(server: ExternalServer) -> None:
    server.ask("create database nyare owner ragnhild")
    url = server.url_at("127.0.0.1", database="nyare")
    store = open_store(url, Path("nowhere"), password=SecretStr(server.password))
    with store.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    store.close()
    with pytest.raises(ConfigurationError, match="har nyare tabeller än det här programmet"):
        _open(server, url)


@pytest.mark.usefixtures("data")
def test_a_server_that_is_away_is_told_and_is_back_by_itself(
    server: ExternalServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.stop()
    try:
        assert command_line.carry_out(["runs"]) == 2
    finally:
        server.start()
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "den svarar inte. Kontrollera att servern är igång" in told[0]
    assert command_line.carry_out(["runs"]) == 0


@pytest.mark.parametrize("form", ["{user}:{secret}@{place}", "{user}@{place}&password={secret}"])
def test_a_password_on_the_command_line_is_refused(
    server: ExternalServer, data: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    user, _, place = server.url.removeprefix("postgresql://").partition("@")
    address = "postgresql://" + form.format(user=user, place=place, secret="mycket-hemligt")
    assert command_line.carry_out(["worker", "--database", address]) == 2
    told = capsys.readouterr().err
    assert "--database: adressen har ett lösenord i sig" in told
    assert str(data / "secrets" / "database") in told
    assert "hemligt" not in told
    assert not (data / "logs").exists()


# -- what doctor says -----------------------------------------------------------------------------------------------


def _found(data: Path, **changes: object) -> dict[str, tuple[bool, str]]:
    settings = load_settings(data_dir=data, browser="/nowhere", **changes)
    return {finding.name: (finding.ok, finding.told) for finding in examine(settings)}


def test_doctor_sees_where_the_password_lies(data: Path, server: ExternalServer) -> None:
    file = data / "secrets" / "database"
    found = _found(data)
    assert found["Databas"][0], found["Databas"]
    assert "kommunens server" in found["Databas"][1]
    assert found["Databasens lösenord"] == (True, f"ligger i {file}")
    assert found["Vägen till databasen"] == (True, "krypterad, och serverns certifikat kontrolleras")
    file.chmod(0o644)
    assert _found(data)["Databasens lösenord"] == (False, f"andra kan läsa {file}")
    file.unlink()
    found = _found(data, database_url=server.url_with_password)
    assert found["Databas"][0], "it works"
    assert found["Databasens lösenord"] == (False, "står i adressen (database_url)")
    assert server.password not in str(found)


@pytest.mark.parametrize(
    ("url", "well"),
    [
        ("postgresql://r@db.invalid/x", False),
        ("postgresql://r@db.invalid/x?sslmode=prefer", False),
        ("postgresql://r@db.invalid/x?sslmode=verify-full", True),
        ("postgresql:///x?host=/nowhere", True),
    ],
)
def test_doctor_sees_a_server_that_nobody_verifies(data: Path, url: str, well: bool) -> None:
    assert _found(data, database_url=url)["Vägen till databasen"][0] is well


def test_doctor_tries_the_shared_folder(data: Path, tmp_path: Path) -> None:
    shared = tmp_path / "delad"
    found = _found(data, evidence_folder=shared)["Underlag"]
    assert (found[0], "går inte att skriva i" in found[1], shared.exists()) == (False, True, False)
    shared.mkdir()
    assert _found(data, evidence_folder=shared)["Underlag"] == (True, f"{shared}, delad mapp")
    assert list(shared.iterdir()) == []
    shared.rmdir()
    shared.write_text("no folder")
    assert not _found(data, evidence_folder=shared)["Underlag"][0]
    own = _found(data)["Underlag"]
    assert own == (True, f"{data / 'evidence'}, maskinens egen mapp (syns inte från andra maskiner)")
