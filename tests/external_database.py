"""A PostgreSQL that is not ours: Debian's own, over TCP with TLS and a password, as in a municipality's data centre.

It is no service: it lives in a folder of its own, as a process of the tests, and on this machine only.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The robots' user owns its databases and may make more; it is no superuser, as in real life.
USER = "ragnhild"
SECONDS = 60.0
MISSING = "Debian's PostgreSQL is not installed (apt-get install postgresql)"


def server_programs() -> Path | None:
    """Where the newest of Debian's servers lies; None without one."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@dataclass
class ExternalServer:
    """A server that runs. ``url`` is without the password, which ``password`` is; ``root`` is its root certificate."""

    programs: Path
    folder: Path
    addresses: Sequence[str]
    port: int
    password: str = field(repr=False)
    root: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def version(self) -> int:
        return int(self.programs.parent.name)

    @property
    def url(self) -> str:
        return self.url_at(self.addresses[0])

    @property
    def url_with_password(self) -> str:
        return self.url.replace(f"{USER}@", f"{USER}:{quote(self.password, safe='')}@", 1)

    def url_at(self, host: str, *, user: str = USER, database: str = "postgres", mode: str = "verify-full") -> str:
        return f"postgresql://{user}@{host}:{self.port}/{database}?sslmode={mode}&sslrootcert={self.root}"

    def start(self) -> None:
        """Start it, and wait until it lets somebody in."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port),
                    "-c", f"listen_addresses={','.join(self.addresses)}", "-c", "unix_socket_directories=",
                    "-c", "ssl=on", "-c", f"ssl_cert_file={self.folder / 'server.crt'}",
                    "-c", f"ssl_key_file={self.folder / 'server.key'}", "-c", "password_encryption=scram-sha-256",
                    "-c", "fsync=off",  # these tests end servers, never the machine
                ],
                cwd=self.folder, stdout=subprocess.DEVNULL, stderr=log, **_as_own_user(),
            )  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while not self._lets_in():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.05)  # it tells nobody when it is ready

    def stop(self) -> None:
        """End it as an administrator does, cutting off whoever is connected."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a loss of power does, with all that it started."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(SECONDS)
        self.process = None

    def _lets_in(self) -> bool:
        try:
            psycopg.connect(self.url_at(self.addresses[0], user="postgres"), password=self.password).close()
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Carry out a statement as the server's own administrator."""
        address = self.url_at(self.addresses[0], user="postgres")
        with psycopg.connect(address, password=self.password, autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description else []


@contextmanager
def external_server(addresses: Sequence[str] = ("127.0.0.1",)) -> Iterator[ExternalServer]:
    """A server of its own with one empty database that the robots' user owns. Needs ``server_programs``."""
    programs = server_programs()
    assert programs is not None, MISSING
    with TemporaryDirectory(prefix="ragnhild-postgresql-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        root = make_certificates(folder, addresses)
        password = secrets.token_urlsafe(12) + "å +/:?"  # whatever an address must write in its own way
        server = ExternalServer(programs, folder, addresses, _free_port(addresses[0]), password, root)
        _make_data(server)
        try:
            server.start()
            server.ask(f"create role {USER} login createdb password '{password}'")
            server.ask(f"alter database postgres owner to {USER}")
            yield server
        finally:
            server.stop()


def _make_data(server: ExternalServer) -> None:
    data, secret = server.folder / "data", server.folder / "administrator"
    data.mkdir(mode=0o700)
    secret.write_text(server.password, "utf-8")
    for path in (data, secret, server.folder / "server.key"):
        path.chmod(0o700 if path == data else 0o600)
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")
    subprocess.run(
        [
            server.programs / "initdb", "-D", data, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        ],
        cwd=server.folder, check=True, capture_output=True, **_as_own_user(),
    )  # fmt: skip
    secret.unlink()
    allowed = "".join(f"hostssl all all {address}/8 scram-sha-256\n" for address in server.addresses)
    (data / "pg_hba.conf").write_text(allowed, "utf-8")


def _as_own_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def make_certificates(folder: Path, addresses: Sequence[str], *, authority: str = "Tallinge kommun rot") -> Path:
    """An authority's certificate, which is returned, and ``server.crt`` with ``server.key`` for the addresses."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(authority, authority_key.public_key(), None, authority_key, [])
    server = _certificate("databas", key.public_key(), root.subject, authority_key, addresses)
    pem = serialization.Encoding.PEM
    (folder / "root.crt").write_bytes(root.public_bytes(pem))
    (folder / "server.crt").write_bytes(server.public_bytes(pem))
    (folder / "server.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "root.crt"


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name | None, signed_with: ec.EllipticCurvePrivateKey,
    addresses: Sequence[str],
) -> x509.Certificate:  # fmt: skip
    """One that is valid for a day; without an issuer it is an authority's own."""
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if addresses:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address)) for address in addresses])
        made = made.add_extension(names, critical=False)
    return made.sign(signed_with, hashes.SHA256())


def _free_port(address: str) -> int:
    with socket.socket() as asked:
        asked.bind((address, 0))
        return int(asked.getsockname()[1])
