"""A server of the town behind an encrypted connection, as the mail servers of a municipality are."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from robots.tls import trusted

LOOPBACK = "127.0.0.1"
# What is said before the connection is encrypted, where it is not from its beginning (STARTTLS).
BEFORE_IMAP = ("* OK\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\n{0} OK done\r\n", "{0} OK done\r\n")
BEFORE_SMTP = ("220 post\r\n", "250-post\r\n250 STARTTLS\r\n", "220 OK\r\n")


def certificate_for_loopback(folder: Path) -> Path:
    """A certificate with its key, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tallinge kommun")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "tallinge.pem"
    path.write_bytes(kept + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def trusting(certificate: Path) -> Iterator[None]:
    """Whoever shows the certificate is trusted by this process until the end of the block, and nobody else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        trusted.cache_clear()
        yield
    trusted.cache_clear()


@contextmanager
def encrypted(port: int, certificate: Path, before: tuple[str, ...] = ()) -> Iterator[int]:
    """The port on which the server of ``port`` is reached through TLS.

    ``before``: what is said first in clear text, the greeting and an answer to each line; {0} is the line's first word.
    """
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain(certificate)

    class Door(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                line = ""
                for answer in before:
                    self.request.sendall(answer.format(*line.split()).encode())
                    line = self.request.recv(4096).decode() if answer != before[-1] else ""
                inner = safe.wrap_socket(self.request, server_side=True)
                with inner, socket.create_connection((LOOPBACK, port)) as plain:
                    if before:
                        plain.recv(4096)  # its greeting has been said
                    back = threading.Thread(target=_carry, args=(plain, inner))
                    back.start()
                    _carry(inner, plain)
                    back.join()

    with socketserver.ThreadingTCPServer((LOOPBACK, 0), Door) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while told := source.recv(65536):
            target.sendall(told)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
