"""Admins and auditors see every setting and whether each secret is there, and nobody sees a secret."""

from __future__ import annotations

from pathlib import Path

from robots.settings import Settings, write_secret
from robots.store import Store
from tests.unit.desks import desk_over

PLANTED = "hemligt-lösenord"


def test_settings_are_shown_with_their_source_and_secrets_as_found_or_missing(
    machine: Settings, store: Store, tmp_path: Path
) -> None:
    write_secret(tmp_path / "secrets/torvald", PLANTED)
    with desk_over(machine.model_copy(update={"data_dir": tmp_path}), store) as desk:
        adam, rut, lena, gun = (desk.person(name) for name in ("adam", "rut", "lena", "gun"))
        assert [each.get("/machinery/settings").status_code for each in (lena, gun)] == [403, 403]
        assert "/machinery/settings" not in lena.get("/machinery").text
        pages = [each.get("/machinery/settings").text for each in (adam, rut)]
        robots = adam.get("/machinery/robots").text
        for text in pages:
            assert "config/ragnhild.toml:" in text
            assert all(f"<code>{name}</code>" in text for name in Settings.model_fields)
            assert str(tmp_path / "secrets/torvald") in text
        torvald, svea = (robots.split(f'id="r-{name}"')[1].split("</section>")[0] for name in ("torvald", "svea"))
        assert "finns" in torvald
        assert "(files)" in torvald
        assert "finns" not in svea
        assert "saknas" in svea
        assert "saknas" not in lena.get("/machinery/robots").text, "where secrets lie is for those who keep them"
        assert PLANTED not in "".join([*pages, robots])
