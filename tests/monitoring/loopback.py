"""Receivers on this machine: a mail server and a web server that keep what they are told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Web", "free_port", "mail_server", "web_server"]


@dataclass
class Web:
    """A web server: what was posted, and whether it fails at the moment."""

    port: int = 0
    down: bool = False
    posts: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def web_server() -> Iterator[Web]:
    """Takes any POST; answers 503 while it is down."""
    web = Web()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if not web.down:
                web.posts.append((self.path, json.loads(content)))
            self.send_response(503 if web.down else 200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mail_server(port: int) -> Iterator[list[str]]:
    """An SMTP server; yields the messages it has taken."""
    from aiosmtpd.controller import Controller

    taken: list[str] = []

    class Taker:
        async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:
            taken.append(envelope.content.decode())
            return "250 OK"

    controller = Controller(Taker(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
