"""The machine's key, from whichever source; and how it and that of evidence are changed, by who is killed as well."""

from __future__ import annotations

import stat
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from robots.cli import main as command_line
from robots.errors import ConfigurationError
from robots.settings import Settings, load_settings, write_secret
from robots.sources.folders import CREDENTIALS
from robots.sources.own_keys import EVIDENCE, MACHINE, OwnKey, new_key
from robots.store import Store
from robots.store.schema import audit_events, evidence_keys, login_sessions, webhooks
from robots.systems.login import LoginSessions, machine_of
from robots.telling.subscriptions import subscribe, unsealed
from tests.saying import Say
from tests.unit.killed import killed
from tests.unit.sealed_runs import WORDS, evidence_of, own_machine, run_of, written
from tests.unit.vaults import Vault, listening

CHANGED = "Nyckeln är redan bytt"
BEGINS = "pg_advisory_xact_lock("


@pytest.fixture
def own(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return own_machine(machine, store, tmp_path, monkeypatch).model_copy(update={"webhook_hosts": ("e.example",)})


@pytest.fixture
def vault() -> Iterator[Vault]:
    vault = Vault()
    with listening(vault):
        yield vault


def sessions(settings: Settings, store: Store, robot: str = "ada") -> LoginSessions:
    return LoginSessions(store, settings.machine_key(), robot, "prov", former=settings.former_machine_key)


def fill(settings: Settings, store: Store) -> dict[int, bytes]:
    """Two robots that are logged in, the second for the third time, and two webhooks, whose secrets are returned."""
    sessions(settings, store).save([{"name": "s", "value": "ada"}], "http://x.example")
    for _ in range(3):
        sessions(settings, store, "bo").save([{"name": "s", "value": "bo"}], "http://x.example")
    made = [subscribe(store, settings, "https://e.example/x", ["run_ended"], by="x", team="Bygg") for _ in range(2)]
    return {each.id: each.secret.encode() for each in made}


def opened(settings: Settings, store: Store) -> dict[int, bytes]:
    with store.begin() as connection:
        return {row.id: unsealed(settings, row.secret) for row in connection.execute(select(webhooks))}


def machines(store: Store) -> set[str]:
    with store.begin() as connection:
        return set(connection.execute(select(login_sessions.c.machine)).scalars())


def noted(store: Store, did: str) -> list[dict[str, int]]:
    with store.begin() as connection:
        return list(connection.execute(select(audit_events.c.detail).where(audit_events.c.did == did)).scalars())


# -- where it lies ----------------------------------------------------------------------------------------------------


def test_the_machines_key_comes_from_the_sources_of_all_secrets(own: Settings, vault: Vault, tmp_path: Path) -> None:
    write_secret(own.secrets_dir / "vault.token", "s.token")
    there = {"data_dir": own.data_dir, "config_dir": tmp_path, "vault_address": vault.address}
    kept = load_settings(secret_sources=("vault",), **there)
    with pytest.raises(ConfigurationError, match=r"Lägg 32 slumpade byte i base64 i Vault secret/ragnhild/machine"):
        kept.machine_key()
    assert not (own.secrets_dir / MACHINE.current).exists()
    made = own.machine_key()  # as it was before it could lie in a vault
    assert load_settings(secret_sources=("vault",), **there).machine_key() == made
    vault.entries["secret/ragnhild/machine.key"] = {"value": b64encode(b"\xff" * 32).decode()}  # as openssl writes it
    vault.entries["secret/ragnhild/machine.old"] = {"value": "kort"}
    kept = load_settings(secret_sources=("vault",), **there)
    assert urlsafe_b64decode(kept.machine_key()) == b"\xff" * 32
    with pytest.raises(ConfigurationError, match="Maskinens nyckel är ingen nyckel: Vault"):
        kept.former_machine_key()


def test_systemd_may_hold_it(own: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "credentials"
    write_secret(given / MACHINE.current, new_key())
    monkeypatch.setenv(CREDENTIALS, str(given))
    kept = load_settings(data_dir=own.data_dir, config_dir=tmp_path)
    assert kept.machine_key().decode() == (given / MACHINE.current).read_text("utf-8")
    assert not own.secrets_dir.exists()


def test_a_machine_makes_its_own_where_secrets_lie_in_files(own: Settings) -> None:
    assert own.machine_key() == own.machine_key()
    path = own.secrets_dir / MACHINE.current
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (own.machine_key(), 0o600)
    assert own.former_machine_key() is None


# -- changed ----------------------------------------------------------------------------------------------------------


def test_a_new_key_logs_no_robot_out_and_ends_no_webhook(own: Settings, store: Store, say: Say) -> None:
    secrets, first = fill(own, store), own.machine_key()
    current, former = MACHINE.files(own)
    assert say("machine", "new-key")[0] == 0
    assert (former.read_bytes(), own.machine_key() != first) == (first, True)
    assert machines(store) == {machine_of(own.machine_key())}
    code, told = say("machine", "new-key")
    assert (code, CHANGED in told) == (2, True)
    former.unlink()
    assert opened(own, store) == secrets
    kept = sessions(own, store, "bo").load()
    assert kept is not None
    assert (kept.cookies[0]["value"], kept.serial) == ("bo", 3)
    assert noted(store, "machine_key_changed") == [{"logins": 2, "webhooks": 2}]
    assert say("machine", "rewrap")[0] == 2, "there is no key before this one"
    assert current.read_bytes() == own.machine_key()


def test_in_a_vault_a_person_changes_it_and_what_is_asked_for_meanwhile_opens(
    own: Settings, store: Store, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets, first = fill(own, store), own.machine_key()
    (own.secrets_dir / MACHINE.current).unlink()
    given = tmp_path / "credentials"
    write_secret(given / MACHINE.former, first.decode())
    write_secret(given / MACHINE.current, new_key())
    monkeypatch.setenv(CREDENTIALS, str(given))
    monkeypatch.setenv("RAGNHILD_SECRET_SOURCES", "systemd")
    kept = own.model_copy(update={"secret_sources": ("systemd",)})
    assert opened(kept, store) == secrets
    assert machines(store) == {machine_of(first)}
    found = sessions(kept, store, "bo").load()
    assert found is not None
    assert found.serial == 3
    assert machines(store) == {machine_of(first), machine_of(kept.machine_key())}, "one is sealed anew as it is read"
    code, told = say("machine", "new-key")
    assert (code, "Byt den där, med den förra under namnet machine.old" in told) == (2, True)
    assert say("machine", "rewrap") == (0, "1 inloggningar och 2 webhookar är låsta med den nyckel som gäller nu.\n")
    (given / MACHINE.former).unlink()
    assert (opened(kept, store), machines(store)) == (secrets, {machine_of(kept.machine_key())})


def test_control_without_the_former_key_nothing_opens(own: Settings, store: Store) -> None:
    fill(own, store)
    write_secret(own.secrets_dir / MACHINE.current, new_key())
    assert sessions(own, store).load() is None
    with pytest.raises(ConfigurationError, match="går inte att öppna på den här maskinen"):
        opened(own, store)


def test_of_two_sessions_the_one_with_the_new_key_is_the_newer(own: Settings, store: Store, say: Say) -> None:
    fill(own, store)
    current, former = MACHINE.files(own)
    current.rename(former)
    write_secret(current, new_key())
    LoginSessions(store, own.machine_key(), "ada", "prov").save([{"name": "s", "value": "ny"}], "http://x.example")
    with store.begin() as connection:  # and one that somebody has changed
        connection.execute(update(login_sessions).where(login_sessions.c.robot == "bo").values(state=b"x"))
    assert say("machine", "new-key")[0] == 0
    kept = sessions(own, store).load()
    assert kept is not None
    assert kept.cookies[0]["value"] == "ny"
    assert sessions(own, store, "bo").load() is None
    assert machines(store) == {machine_of(own.machine_key())}


# -- killed while they are changed ------------------------------------------------------------------------------------


class Sealed:
    """What is sealed on a machine with both keys; ``demand_open`` opens it as another process would."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self.secrets = fill(settings, store)
        self.runs = [run_of(store, f"KC-{n}") for n in range(3)]
        for run_id in self.runs:
            written(settings, store, run_id)
        self.changes = 0
        self.first = {key: self.key(key) for key in (EVIDENCE, MACHINE)}

    def key(self, key: OwnKey) -> bytes:
        return key.files(self.settings)[0].read_bytes()

    def demand_open(self) -> None:
        assert opened(self.settings, self.store) == self.secrets
        assert sessions(self.settings, self.store).load() is not None
        for run_id in self.runs:
            assert evidence_of(self.settings, self.store, run_id).read("report.html") == WORDS

    def demand_changed(self, key: OwnKey) -> None:
        """All of it, once, and everything opens without the key before it."""
        current, former = key.files(self.settings)
        assert (former.read_bytes(), current.read_bytes() != self.first[key]) == (self.first[key], True)
        former.unlink()
        self.demand_open()
        with self.store.begin() as connection:
            wrapped = select(evidence_keys.c.key_id).where(evidence_keys.c.key_id != "z").distinct()
            assert len(connection.execute(wrapped).all()) == 1
        assert len(machines(self.store)) == 1
        self.changes += 1
        did = "rewrapped_evidence" if key == EVIDENCE else "machine_key_changed"
        assert len(noted(self.store, did)) == self.changes
        self.first[key] = self.key(key)  # which the next change is of


@pytest.fixture
def sealed(own: Settings, store: Store) -> Sealed:
    return Sealed(own, store)


WAYS = {EVIDENCE: ("evidence", "new-key"), MACHINE: ("machine", "new-key")}
BOTH = pytest.mark.parametrize("key", WAYS, ids=[key.current for key in WAYS])


def go(key: OwnKey, answer: int = 0) -> Callable[[], int]:
    return lambda: command_line.carry_out(WAYS[key]) - answer


@BOTH
def test_killed_before_anything_is_sealed_anew_everything_opens_and_the_second_go_finishes(
    sealed: Sealed, say: Say, key: OwnKey
) -> None:
    folder, since = sealed.settings.secrets_dir, "UPDATE evidence_keys" if key == EVIDENCE else "DELETE FROM login"
    assert killed(go(key), 1, folder, since) == (True, 0)
    assert sealed.key(key) != sealed.first[key]
    sealed.demand_open()
    assert say(*WAYS[key])[0] == 0
    sealed.demand_changed(key)


def test_control_without_the_former_key_beside_it_nothing_would_open(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robots.cli.new_keys.os.link", lambda *_: None)
    assert killed(go(MACHINE), 1, sealed.settings.secrets_dir, "audit_events")[0]
    with pytest.raises(ConfigurationError, match="går inte att öppna på den här maskinen"):
        sealed.demand_open()


@pytest.mark.long
@BOTH
def test_killed_at_every_moment_everything_opens_and_the_second_go_finishes(
    sealed: Sealed, say: Say, key: OwnKey
) -> None:
    _, moments = killed(go(key), 0, sealed.settings.secrets_dir, BEGINS)
    assert moments > 10
    sealed.demand_changed(key)
    for moment in range(1, moments + 1):
        died, _ = killed(go(key), moment, sealed.settings.secrets_dir, BEGINS)
        assert died, moment
        sealed.demand_open()
        code, told = say(*WAYS[key])
        assert code == 0 or (code == 2 and CHANGED in told), (moment, told)
        sealed.demand_changed(key)


@pytest.mark.long
def test_killed_at_every_moment_of_a_change_that_is_refused_everything_opens(sealed: Sealed, say: Say) -> None:
    """One case is sealed with a key that is not here, so all is to be as it was until it is given up."""
    with sealed.store.begin() as connection:
        lost = select(func.min(evidence_keys.c.id)).scalar_subquery()
        connection.execute(update(evidence_keys).where(evidence_keys.c.id == lost).values(key_id="z"))
    del sealed.runs[0]
    refused, folder = go(EVIDENCE, 2), sealed.settings.secrets_dir
    _, moments = killed(refused, 0, folder, BEGINS)
    assert (moments > 10, sealed.key(EVIDENCE)) == (True, sealed.first[EVIDENCE])
    for moment in range(1, moments + 1):
        died, _ = killed(refused, moment, folder, BEGINS)
        assert died, moment
        sealed.demand_open()
        assert say("evidence", "new-key")[0] == 2
        sealed.demand_open()
        assert say("evidence", "new-key", "--lost")[0] == 0
        sealed.demand_changed(EVIDENCE)
