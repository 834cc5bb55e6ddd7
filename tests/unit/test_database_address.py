"""The address of a database of one's own: what it may look like, and that no password is ever shown."""

from __future__ import annotations

import pytest
from psycopg import OperationalError, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from robots.errors import ConfigurationError
from robots.store.address import (
    as_libpq_wants_it,
    carries_password,
    explain,
    is_loopback,
    is_remote,
    is_verified,
    name_of,
    read_address,
)
from robots.store.connect import connect

ODD = "å +/:?@%&'\\"


@pytest.mark.parametrize(
    ("url", "carried"),
    [
        ("postgresql://r@db.example/x", False),
        ("postgresql://r:@db.example/x", False),
        ("postgresql://r:hemligt@db.example/x", True),
        ("postgresql+psycopg://r:hemligt@db.example/x", True),
        ("postgresql://r@db.example/x?password=hemligt", True),
        ("postgresql:///x?host=db.example&user=r&password=hemligt", True),
    ],
)
def test_a_password_in_the_address_is_seen_wherever_it_stands(url: str, carried: bool) -> None:
    assert carries_password(url) is carried
    assert "hemligt" not in repr(read_address(url)) + name_of(read_address(url))


def test_the_password_of_the_file_stands_in_where_the_address_has_none() -> None:
    assert read_address("postgresql://r@db.example/x", SecretStr(ODD)).password == ODD
    assert read_address("postgresql://r:eget@db.example/x", SecretStr(ODD)).password == "eget"


def test_the_queue_engine_and_the_slots_get_the_same_address() -> None:
    """libpq reads addresses in another way than the library that wrote it: a plus sign is no space there."""
    url = "postgresql://r@db.example:5433/x%20y?sslrootcert=/srv/rot+och%20stam.crt&sslmode=verify-full"
    store = connect(url, SecretStr(ODD))
    for written in (store.conninfo, as_libpq_wants_it(connect(store.url).engine.url), connect(store.conninfo).conninfo):
        told = conninfo_to_dict(written)
        assert (told["password"], told["dbname"], told["sslmode"]) == (ODD, "x y", "verify-full")
        assert told["sslrootcert"] == "/srv/rot och stam.crt"
        assert (told["host"], told["port"], told["user"]) == ("db.example", "5433", "r")
    assert ODD not in repr(store)
    with pytest.raises(ProgrammingError):  # control: as the library writes it, libpq cannot read it
        conninfo_to_dict(store.url.replace("+psycopg", "", 1))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("hemligt", "går inte att läsa"),
        ("postgresql://r:hemligt@db.example:port/x", "går inte att läsa"),
        ("mysql://r:hemligt@db.example/x", "ska börja med postgresql://"),
        ("postgresql://r:mycket@hemligt@db.example/x", "har två @"),
    ],
)
def test_what_cannot_be_read_is_not_shown(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as told:
        read_address(url)
    assert "hemligt" not in str(told.value)
    assert told.value.__cause__ is None


def test_over_a_network_it_is_encrypted_and_watched() -> None:
    away, here = read_address("postgresql://r@db.example/x"), read_address("postgresql://r@127.0.0.1/x")
    assert (away.query["sslmode"], "sslmode" in here.query) == ("require", False)
    assert {away.query["tcp_user_timeout"], here.query["tcp_user_timeout"]} == {"10000"}
    chosen = read_address("postgresql://r@db.example/x?sslmode=verify-full&connect_timeout=3")
    assert (chosen.query["sslmode"], chosen.query["connect_timeout"]) == ("verify-full", "3")
    assert (is_verified(chosen), is_verified(away)) == (True, False)
    assert read_address(chosen.render_as_string()).query == chosen.query


@pytest.mark.parametrize(
    ("url", "remote", "loopback"),
    [
        ("postgresql://r@db.example/x", True, False),
        ("postgresql://r@localhost/x", True, True),
        ("postgresql://r@[::1]/x", True, True),
        ("postgresql://r@/x?host=/run/pg", False, False),
        ("postgresql:///x", False, False),
    ],
)
def test_where_it_leads(url: str, remote: bool, loopback: bool) -> None:
    address = read_address(url)
    assert (is_remote(address), is_loopback(address)) == (remote, loopback)
    assert ("keepalives_idle" in address.query) is remote


def test_a_server_that_speaks_another_language_is_quoted_on_one_line_without_the_password() -> None:
    address = read_address("postgresql://r:hemligt@db.example/x")
    told = explain(OperationalError("fel\n  med hemligt någonstans"), address)
    assert told == "Databasen x på db.example:5432 går inte att använda: fel med ••• någonstans"
