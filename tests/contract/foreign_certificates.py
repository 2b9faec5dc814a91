"""Certificates that nobody should trust, and a server on loopback that shows them."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PATIENCE = 5  # seconds
_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass(frozen=True, slots=True)
class Certificate:
    pem: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@cache
def authority() -> Certificate:
    """Return a certificate to trust, which signs others."""
    return _certificate("An Authority", signed_by=None, days=(-900, 900), is_authority=True)


def of_loopback(*, signed: bool = True, address: str = "127.0.0.1", days: tuple[int, int] = (-1, 1)) -> Certificate:
    """Return a server's certificate, by the authority or by itself, for an address, valid between two days from now."""
    return _certificate("Books", signed_by=authority() if signed else None, days=days, address=address)


@dataclass(slots=True)
class TlsServer:
    address: str  # https://127.0.0.1:PORT
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def tls_server(certificate: Certificate) -> Iterator[TlsServer]:
    """Run a server which answers what has no body with {}; it counts who connects, and keeps what it is sent."""
    context = _context(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = TlsServer(f"https://127.0.0.1:{listener.getsockname()[1]}")
        stopped = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, context, server, stopped), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stopped.set()
            with suppress(OSError), socket.create_connection(listener.getsockname(), timeout=_PATIENCE):
                pass  # so that it looks whether it has to stop
            thread.join(_PATIENCE)


def _serve(listener: socket.socket, context: ssl.SSLContext, server: TlsServer, stopped: threading.Event) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            if stopped.is_set():
                return
            server.connections += 1
            connection.settimeout(_PATIENCE)
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                server.requests.append(secured.recv(65_536))
                secured.sendall(_REPLY)


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = certificate.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with TemporaryDirectory() as folder:
        chain = Path(folder, "chain.pem")
        chain.write_bytes(key + certificate.pem)
        context.load_cert_chain(chain)
    return context


def _certificate(
    name: str,
    *,
    signed_by: Certificate | None,
    days: tuple[int, int],
    address: str | None = None,
    is_authority: bool = False,
) -> Certificate:
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = x509.load_pem_x509_certificate(signed_by.pem).subject if signed_by else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if address is not None:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
    made = builder.sign(signed_by.key if signed_by else key, hashes.SHA256())
    return Certificate(made.public_bytes(serialization.Encoding.PEM), key)
