"""Where secrets come from: in which order, what a source that cannot tell means, and that none is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from robots.cli.town import _users
from robots.errors import ConfigurationError, SecretsUnavailable
from robots.settings import Settings, load_settings, write_secret
from robots.sources.azure import AzureKeyVault, azure_name
from robots.sources.secret import Secrets
from tests.conftest import ROOT
from tests.encrypted import certificate_for_loopback
from tests.unit.vaults import KeyVault, Vault, listening


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "systems.toml").write_text(
        '[map]\nurl = "https://karta.example"\n[archive]\nurl = "{town}/a"\n', "utf-8"
    )
    return tmp_path


@pytest.fixture
def vault() -> Iterator[Vault]:
    vault = Vault()
    with listening(vault):
        yield vault


def test_a_password_that_was_typed_is_the_towns_as_it_is_the_robots(tmp_path: Path) -> None:
    settings = load_settings(config_dir=ROOT / "config", data_dir=tmp_path)
    robot = next(iter(settings.robots.values()))
    write_secret(settings.secrets_dir / robot.name, "typed\n")
    users = {user["name"]: user["password"] for user in _users(settings)["users"]}
    assert users[robot.user] == "typed" == settings.password(robot.name, "case_management").get_secret_value()


def settings_with(place: Path, *sources: str, **changes: Any) -> Settings:
    return load_settings(
        config_dir=place / "config", data_dir=place / "data", secret_sources=sources or ("files", "systemd"), **changes
    )


def settings_of(place: Path, vault: Vault, *sources: str, **changes: Any) -> Settings:
    write_secret(place / "data" / "secrets" / "vault.token", "s.token\n")
    return settings_with(place, *(sources or ("vault",)), vault_address=vault.address, **changes)


def told(settings: Settings, *names: str) -> str:
    return settings.secret(*names).get_secret_value()


class OwnKeyring(KeyringBackend):
    """A keyring of the kind that the library takes, in memory."""

    priority = 1

    def __init__(self, **held: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held = held

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[f"{service}/{username}"] = password


def use_keyring(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)


# -- order ----------------------------------------------------------------------------------------------------------


def test_the_first_source_that_has_it_wins(place: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = place / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    use_keyring(monkeypatch, OwnKeyring(**{"ragnhild/ada": "nyckelringens"}))
    vault.entries["secret/ragnhild/ada"] = {"value": "valvets"}
    (credentials / "ada").write_text("systemds\n", "utf-8")
    write_secret(place / "data" / "secrets" / "ada", "filens")
    order = ["files", "systemd", "keyring", "vault"]
    words = {"files": "filens", "systemd": "systemds", "keyring": "nyckelringens", "vault": "valvets"}
    for _ in range(len(order)):
        assert told(settings_of(place, vault, *order), "ada") == words[order[0]]
        order.append(order.pop(0))


def test_a_systems_own_password_wins_over_the_robots_in_whichever_source(place: Path, vault: Vault) -> None:
    write_secret(place / "data" / "secrets" / "ada", "allmänt")
    vault.entries["secret/ragnhild/ada.map"] = {"value": "eget"}
    settings = settings_of(place, vault, "files", "vault")
    assert settings.password("ada", "map").get_secret_value() == "eget"
    assert settings.password("ada", "register").get_secret_value() == "allmänt"


def test_what_is_typed_in_the_practice_municipality_is_never_a_real_password(place: Path, vault: Vault) -> None:
    vault.entries |= {"secret/ragnhild/ada": {"value": "på riktigt"}}
    settings = settings_of(place, vault, "vault", "files")
    with pytest.raises(ConfigurationError, match="Lösenordet för roboten ada i archive saknas"):
        settings.password("ada", "archive")
    write_secret(settings.secrets_dir / "ada", "på låtsas")
    assert settings.password("ada", "archive").get_secret_value() == "på låtsas"
    assert settings.password("ada", "map").get_secret_value() == "på riktigt"


def test_what_is_missing_is_told_with_where_it_was_looked_for(place: Path, vault: Vault) -> None:
    settings = settings_of(place, vault, "files", "systemd", "vault")
    with pytest.raises(ConfigurationError) as error:
        settings.password("ada", "map")
    for words in (
        f"Lägg till filen {settings.secrets_dir / 'ada'}.", str(settings.secrets_dir / "ada.map"),
        "systemds credential ada (finns bara i en tjänst)", "Vault secret/ragnhild/ada.map, fält value",
    ):  # fmt: skip
        assert words in str(error.value)
    assert settings.database_password() is None


@pytest.mark.parametrize("name", ["../ada", "a/b", "a\\b", ".ada", "a:b", "", "a\nb"])
def test_a_name_leads_nowhere_else(place: Path, name: str) -> None:
    write_secret(place / "data" / "ada", "inte här")
    with pytest.raises(ConfigurationError, match="namn på en hemlighet"):
        settings_with(place).secret(name)


def test_a_line_break_at_the_end_is_no_part_of_it_and_nothing_is_no_secret(place: Path) -> None:
    settings = settings_with(place)
    for text in ("två ord", "två ord\n", "två ord\r\n"):
        write_secret(settings.secrets_dir / "ada", text)
        assert told(settings, "ada") == "två ord"
    write_secret(settings.secrets_dir / "ada", "\n")
    with pytest.raises(ConfigurationError, match="tom: filen"):
        settings.secret("ada")


def test_a_new_secret_counts_without_a_restart(place: Path, vault: Vault) -> None:
    settings = settings_of(place, vault, secret_seconds=0)
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    assert told(settings, "ada") == "ett"
    vault.entries["secret/ragnhild/ada"] = {"value": "två"}
    assert told(settings, "ada") == "två"


def test_a_copy_with_another_data_folder_has_the_secrets_of_that_folder(place: Path) -> None:
    settings = settings_with(place)
    write_secret(settings.secrets_dir / "ada", "den enas")
    other = settings.model_copy(update={"data_dir": place / "other"})
    write_secret(other.secrets_dir / "ada", "den andras")
    assert (told(settings, "ada"), told(other, "ada")) == ("den enas", "den andras")


def test_a_vault_is_not_asked_for_the_same_all_the_time(place: Path, vault: Vault) -> None:
    settings = settings_of(place, vault, "files", "vault", secret_seconds=3600)
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    for _ in range(5):
        assert settings.password("ada", "map").get_secret_value() == "ett"
    assert vault.reads == ["ragnhild/ada.map", "ragnhild/ada"]
    write_secret(settings.secrets_dir / "ada", "filens")
    assert told(settings, "ada") == "filens", "a file is read each time"


# -- a source that cannot tell --------------------------------------------------------------------------------------


def test_a_vault_that_is_silent_never_means_an_older_password(place: Path, vault: Vault) -> None:
    write_secret(place / "data" / "secrets" / "ada", "gammalt")
    settings = settings_of(place, vault, "vault", "files")
    vault.down = 503
    with pytest.raises(SecretsUnavailable, match=f"Vault på {vault.address} svarar inte"):
        settings.secret("ada")
    with pytest.raises(SecretsUnavailable):
        settings.database_password()
    vault.down = 0
    assert told(settings, "ada") == "gammalt", "control: the vault answers that it has none"


def test_what_a_vault_told_is_not_remembered_past_its_time(place: Path, vault: Vault) -> None:
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    settings = settings_of(place, vault, secret_seconds=0)
    assert told(settings, "ada") == "ett"
    vault.down = 500
    with pytest.raises(SecretsUnavailable):
        settings.secret("ada")


def test_a_vault_that_is_gone_is_told_with_its_address(place: Path) -> None:
    vault = Vault()
    with listening(vault):
        pass
    with pytest.raises(SecretsUnavailable, match=vault.address):
        settings_of(place, vault).secret("ada")


def test_a_folder_that_systemd_told_of_and_is_not_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place / "nowhere"))
    with pytest.raises(ConfigurationError, match="CREDENTIALS_DIRECTORY"):
        settings_with(place).secret("ada")


def test_a_file_that_cannot_be_read_is_not_missing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = place / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    (credentials / "ada").write_text("gammalt", "utf-8")
    settings = settings_with(place)
    (settings.secrets_dir / "ada").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="går inte att läsa"):
        settings.secret("ada")
    (settings.secrets_dir / "ada").rmdir()
    assert told(settings, "ada") == "gammalt"


# -- the keyring ----------------------------------------------------------------------------------------------------


def test_a_keyring_holds_each_secret_under_its_name(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keyring(monkeypatch, OwnKeyring())
    keyring.set_password("robotar", "ada.map", "nyckelringens")
    settings = settings_with(place, "keyring", keyring_service="robotar")
    assert settings.password("ada", "map").get_secret_value() == "nyckelringens"
    with pytest.raises(ConfigurationError, match=r"saknas. Lägg till nyckelringen robotar, användare bo"):
        settings.password("bo", "map")


def test_a_machine_without_a_keyring_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keyring(monkeypatch, fail.Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigurationError, match="NoKeyringError"):
        settings_with(place, "keyring", "files").secret("ada")


# -- HashiCorp Vault ------------------------------------------------------------------------------------------------


def test_a_vault_is_asked_where_the_settings_say(place: Path, vault: Vault) -> None:
    vault.mounts = ("kommun/kv",)
    vault.entries["kommun/kv/robotar/åsa.map"] = {"lösen": "valvets", "value": "fel"}
    settings = settings_of(place, vault, vault_mount="kommun/kv", vault_path="/robotar/", vault_field="lösen")
    assert settings.password("åsa", "map").get_secret_value() == "valvets"


def test_robots_log_in_to_vault_anew_when_their_token_has_run_out(place: Path, vault: Vault) -> None:
    write_secret(place / "data" / "secrets" / "vault.secret_id", vault.secret_id)
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    settings = settings_with(
        place, "vault", vault_address=vault.address, vault_role_id="ragnhild-role", secret_seconds=0
    )
    assert [told(settings, "ada") for _ in range(3)] == ["ett"] * 3
    assert vault.logins == 1
    vault.tokens = set()
    assert told(settings, "ada") == "ett"
    assert vault.logins == 2


def test_a_token_that_is_renewed_in_its_file_counts(place: Path, vault: Vault) -> None:
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    settings = settings_of(place, vault, secret_seconds=0)
    assert told(settings, "ada") == "ett"
    vault.tokens = {"s.next"}
    with pytest.raises(ConfigurationError, match="får inte läsa Vault secret/ragnhild/ada, fält value"):
        settings.secret("ada")
    write_secret(settings.secrets_dir / "vault.token", "s.next")
    assert told(settings, "ada") == "ett"


def test_what_an_admin_has_to_mend_is_told(place: Path, vault: Vault) -> None:
    vault.entries["secret/ragnhild/ada"] = {"password": "fel fält"}
    vault.entries["secret/ragnhild/bo"] = {"value": 12345}
    settings = settings_of(place, vault)
    wrong = {"ada": "inte formen", "bo": "inte text"}
    for name, words in wrong.items():
        with pytest.raises(ConfigurationError, match=words):
            settings.secret(name)
    with pytest.raises(ConfigurationError, match="motorn andra finns inte"):
        settings_of(place, vault, vault_mount="andra").secret("ada")
    role = {"vault_address": vault.address, "vault_role_id": "ragnhild-role"}
    with pytest.raises(ConfigurationError, match=r"vault.secret_id saknas; lägg den i filen"):
        settings_with(place, "vault", **role).secret("ada")
    write_secret(place / "data" / "secrets" / "vault.secret_id", "fel-id")
    with pytest.raises(ConfigurationError, match=r"släpper inte in .* vault_role_id och vault.secret_id"):
        settings_with(place, "vault", **role).secret("ada")


def test_a_token_out_of_the_environment_is_not_used(place: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would: nobody could tell by whose right the robots read."""
    monkeypatch.setenv("VAULT_TOKEN", "s.token")
    vault.entries["secret/ragnhild/ada"] = {"value": "ett"}
    with pytest.raises(ConfigurationError, match=r"vault\.token saknas"):
        settings_with(place, "vault", vault_address=vault.address).secret("ada")
    write_secret(place / "data" / "secrets" / "vault.secret_id", vault.secret_id)
    by_role = settings_with(place, "vault", vault_address=vault.address, vault_role_id="ragnhild-role")
    assert told(by_role, "ada") == "ett"
    assert vault.tokens_at_login == [None]


def test_a_vault_that_nobody_vouches_for_gets_no_token(place: Path) -> None:
    certificate = certificate_for_loopback(place)
    vault = Vault({"secret/ragnhild/ada": {"value": "ett"}})
    with listening(vault, certificate):
        with pytest.raises(ConfigurationError, match="vault_ca"):
            settings_of(place, vault).secret("ada")
        assert vault.reads == []
        assert told(settings_of(place, vault, vault_ca=certificate), "ada") == "ett"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret_sources": ("vault",)}, "vault_address"),
        ({"secret_sources": ("vault",), "vault_address": "vault.example"}, "vault_address"),
        ({"secret_sources": ("vault",), "vault_address": "http://vault.example"}, "okrypterade"),
        ({"secret_sources": ("azure",)}, "azure_vault"),
        ({"secret_sources": ("azure",), "azure_vault": "http://x.vault.azure.net"}, "azure_vault"),
        ({"secret_sources": ()}, "får inte vara tom"),
        ({"secret_sources": ("files", "azur")}, "'azure'"),
    ],
)
def test_a_source_without_its_address_is_told_at_once(place: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load_settings(config_dir=place / "config", data_dir=place / "data", **changes)


# -- Azure Key Vault ------------------------------------------------------------------------------------------------


class TheMachine:
    """Who the robots are for Azure, where DefaultAzureCredential would ask Azure itself."""

    def get_token(self, *_: str, **__: Any) -> Any:
        from time import time

        from azure.core.credentials import AccessToken

        return AccessToken("jag-är-maskinen", int(time()) + 3600)


@pytest.fixture
def key_vault(tmp_path: Path) -> Iterator[tuple[KeyVault, Secrets]]:
    """A vault, and the toolkit's way to it: Microsoft's client, with all that it checks."""
    from azure.keyvault.secrets import SecretClient

    certificate, vault = certificate_for_loopback(tmp_path), KeyVault()
    with listening(vault, certificate):
        client = SecretClient(vault.address, TheMachine(), connection_verify=str(certificate), retry_total=0)
        yield vault, Secrets([AzureKeyVault(vault.address, client)])


def test_an_azure_vault_is_asked_by_the_name_that_it_allows(key_vault: tuple[KeyVault, Secrets]) -> None:
    vault, secrets = key_vault
    vault.secrets["svea--waste-collection"] = "valvets"
    found = secrets.ask("svea.waste_collection")
    assert found is not None
    assert found.get_secret_value() == "valvets"
    assert secrets.ask("bo.map", "bo") is None
    assert vault.reads == ["svea--waste-collection", "bo--map", "bo"]
    assert set(vault.authorised) == {"Bearer jag-är-maskinen"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_azure_vault_that_is_silent_is_tried_again(key_vault: tuple[KeyVault, Secrets], status: int) -> None:
    vault, secrets = key_vault
    vault.down = status
    with pytest.raises(SecretsUnavailable, match=vault.address):
        secrets.ask("ada")


def test_an_azure_vault_that_is_gone_is_told_with_its_address(place: Path) -> None:
    """With the client and the credential that the toolkit makes itself."""
    with pytest.raises(SecretsUnavailable, match=r"https://127\.0\.0\.1:9"):
        settings_with(place, "azure", "files", azure_vault="https://127.0.0.1:9").secret("ada")


def test_an_azure_vault_that_refuses_is_an_admins_matter(key_vault: tuple[KeyVault, Secrets]) -> None:
    vault, secrets = key_vault
    vault.down = 403
    with pytest.raises(ConfigurationError, match=r"Får robotarna läsa Azure Key Vault 127.0.0.1, namn ada"):
        secrets.ask("ada")


def test_a_token_is_not_given_to_who_only_says_to_be_a_key_vault(key_vault: tuple[KeyVault, Secrets]) -> None:
    vault, secrets = key_vault
    vault.resource = "https://vault.azure.net"
    with pytest.raises(ConfigurationError, match="inte som ett Key Vault"):
        secrets.ask("ada")
    assert vault.authorised == []


def test_every_name_has_a_name_of_its_own_in_azure() -> None:
    names = [
        "svea", "svea.waste_collection", "svea-waste_collection", "svea_waste.collection", "svea.waste.collection",
        "Svea", "åsa", "svea-2", "svea_2", "svea.2", "svea__2", "svea_.2", "svea._2", "svea--2", "_svea", "svea_",
        "svea---2d---2", "vault.secret_id",
    ]  # fmt: skip
    made = [azure_name(name) for name in names]
    assert len({name.lower() for name in made}) == len(names)
    assert all(name.isascii() and name.replace("-", "").isalnum() for name in made)
    assert (made[1], azure_name("svea-2")) == ("svea--waste-collection", "svea---2d---2")
    with pytest.raises(ConfigurationError, match="för långt"):
        azure_name("a" * 128)


# -- nothing is shown -----------------------------------------------------------------------------------------------


def test_a_slot_is_told_where_to_look_and_no_secret(place: Path, vault: Vault) -> None:
    vault.entries["secret/ragnhild/ada"] = {"value": "valvets"}
    settings = settings_of(place, vault)
    assert told(settings, "ada") == "valvets"
    dumped = settings.model_dump(mode="json", exclude={"database_url"})
    assert told(load_settings(**dumped), "ada") == "valvets"
    for shown in (str(dumped), repr(settings), str(settings), repr(settings.secrets), repr(vars(settings.secrets))):
        assert "valvets" not in shown
        assert "s.token" not in shown
