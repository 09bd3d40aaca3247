"""Servers on loopback that break the rules, byte by byte.

    with serve_raw(hang) as site:
        fetch(site.url)          # http://127.0.0.1:PORT; the answer never comes

A fault is a function that is given the connection, once the request's head was read, and an event
that is set when the server is to end. What it raises because the client has gone ends it.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Fault = Callable[[socket.socket, threading.Event], None]

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def answer(data: bytes) -> Fault:
    """Sends `data`, head and all, and closes."""
    return lambda connection, _: connection.sendall(data)


def page(body: bytes, headers: bytes = b"") -> Fault:
    """A proper answer."""
    length = b"Content-Length: %d\r\nConnection: close\r\n" % len(body)
    return answer(_OK + length + headers + b"\r\n" + body)


def cut_gzip(body: bytes) -> Fault:
    """Half of what a gzip stream should be, properly framed."""
    packed = gzip.compress(body)
    return page(packed[: len(packed) // 2], b"Content-Encoding: gzip\r\n")


def cut_page(body: bytes) -> Fault:
    """Ends before the length that it announced."""
    return answer(_OK + b"Content-Length: %d\r\n\r\n" % (2 * len(body)) + body)


def hang(connection: socket.socket, ended: threading.Event) -> None:  # noqa: ARG001
    """Takes the request and says nothing."""
    ended.wait()


def reset(connection: socket.socket, ended: threading.Event) -> None:  # noqa: ARG001
    """Resets the connection: lingering for no time sends RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(head: bytes, more: bytes, seconds: float) -> Fault:
    """`more` again and again, a pause of `seconds` between, without an end."""

    def send(connection: socket.socket, ended: threading.Event) -> None:
        connection.sendall(head)
        while not ended.wait(seconds):
            connection.sendall(more)

    return send


def drip(seconds: float = 0.2) -> Fault:
    """A page that comes byte by byte."""
    return endless(_OK + b"\r\n<p>", b"x", seconds)


def flood() -> Fault:
    """A page without an end, as fast as the line carries it."""
    return endless(_OK + b"\r\n<p>", b"x" * 65536, 0)


def endless_head() -> Fault:
    """A head without an end."""
    return endless(_OK, b"X-More: of this\r\n" * 1000, 0)


def huge(size: int) -> Fault:
    """A page of `size` bytes that says so."""
    return endless(_OK + b"Content-Length: %d\r\n\r\n" % size, b"x" * 65536, 0)


@dataclass
class RawServer:
    """A running server, and the paths it was asked for."""

    url: str
    paths: list[str] = field(default_factory=list)


@contextmanager
def serve_raw(
    fault: Fault,
    *,
    tls: ssl.SSLContext | None = None,
    proper: Mapping[str, Fault] | None = None,
    scheme: str | None = None,
) -> Iterator[RawServer]:
    """Serves `fault` for all but the `proper` paths; robots.txt is not found, unless `proper`.

    `scheme` overrules what the server's address says of it: http, or https with `tls`.
    """
    routes = {"/robots.txt": answer(_NOT_FOUND), **(proper or {})}
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        running = RawServer(f"{scheme or ('https' if tls else 'http')}://127.0.0.1:{port}")

        def serve_one(connection: socket.socket) -> None:
            # A client that goes, or does not speak TLS as we do, is what these servers are for.
            with contextlib.suppress(OSError), connection:
                spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
                with spoken:
                    path = _path_asked(spoken)
                    running.paths.append(path)
                    routes.get(path, fault)(spoken, ended)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while not ended.is_set():
                    connection, _ = listening.accept()
                    threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield running
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # wakes accept()
            accepting.join()


def _path_asked(connection: socket.socket) -> str:
    """The path in the head of a request; raises OSError where there is none."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            raise ConnectionResetError("no request")
        if not head and not data.startswith(b"GET "):  # TLS, where plain HTTP is spoken
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            raise ConnectionResetError("no request")
        head += data
    return head.split(b" ", 2)[1].decode()


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate of 127.0.0.1 that nobody vouches for; its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Marrow's tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
