"""A redesign of a real site: told on stderr, in run.json, by the status, by mail and to the web."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from scraper.exit_status import ALARMED, DONE, USAGE
from scraper.site_health.notify import notify, require_addresses

from .crawls import IMPOLITE, crawl, scrapy
from .health_site import article, hub
from .servers import serve

TOPICS = [f"{kind} {place} pain" for kind in ("dull", "sharp") for place in "abcdefghijkl"]
BYLINE = "<p>By Ada Lind, MD, <time datetime=2024-03-05>5 March 2024</time></p>"


class Mailbox:
    """What a mail server has received."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 Message accepted for delivery"


@contextmanager
def mail_server() -> Iterator[tuple[str, Mailbox]]:
    """A mail server on loopback: its address for ALARM_NOTIFY, and what it receives."""
    mailbox, port = Mailbox(), free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield f"mailto://127.0.0.1:{port}/?from=marrow@example.org&to=you@example.org", mailbox
    finally:
        server.stop()


@contextmanager
def web_server(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server that takes JSON, and what it was sent."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{http.server_port}/hook", received
        http.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def routes() -> dict[str, str]:
    """A site of two dozen articles."""
    pages = {f"/{i}": article(topic) for i, topic in enumerate(TOPICS)}
    return {"/": hub(*pages), **pages}


def remember(output: Path, times: int) -> None:
    """Make the one run of an output folder into so many."""
    (run,) = (output / "runs").iterdir()
    for i in range(times):
        copy = output / "runs" / f"20200101T00000{i}Z-past"
        copy.mkdir()
        shutil.copy(run / "run.json", copy)


@pytest.mark.slow
def test_a_redesign_that_loses_the_byline_is_told_everywhere(
    tmp_path: Path, routes: dict[str, str]
) -> None:
    redesigned = dict(routes)
    with serve(redesigned) as site, mail_server() as (mail, box), web_server() as (web, hooks):
        settings = ("RETRY_TIMES=0", "ALARM_STATUS=True", f"ALARM_NOTIFY={mail},{web}")
        first = crawl(tmp_path, f"url={site.url}/", settings=(*IMPOLITE, *settings))
        assert (first.status, first.run["alarms"]) == (DONE, [])
        remember(tmp_path, 6)
        redesigned |= {path: page.replace(BYLINE, "") for path, page in routes.items()}
        given = [f"OUTPUT_DIR={tmp_path}", *IMPOLITE, *settings]
        options = [part for setting in given for part in ("-s", setting)]
        asked = ("-a", f"url={site.url}/", "-a", "revisit=all")
        done = scrapy("crawl", "articles", "--cron", *asked, *options)
    newest = max(path for path in (tmp_path / "runs").iterdir())
    alarms = json.loads((newest / "run.json").read_text())["alarms"]
    told = {alarm["measure"]: alarm["message"] for alarm in alarms}
    name = site.url.removeprefix("http://")
    assert told["author"] == f"site {name}: author filled 0% of 24 records; 100% in the last 7 runs"
    assert {alarm["name"] for alarm in alarms} == {"field-lost"}
    assert done.stderr.splitlines() == [f"scrapy crawl: {said}" for said in told.values()]
    assert done.returncode == ALARMED
    (sent,), (posted,) = box.mails, hooks
    assert sent["subject"] == f"Marrow: {len(told)} alarms of {name}"
    assert sent["to"] == "you@example.org"
    for text in (sent.get_body(("plain", "html")).get_content(), posted["message"]):  # type: ignore[union-attr]
        assert told["author"] in text
        assert newest.name in text


def test_who_is_not_reached_is_told_and_the_others_are() -> None:
    with (
        web_server() as (sound, received),
        web_server(status=500) as (broken, _),
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        hanging = f"json://127.0.0.1:{silent.getsockname()[1]}/?rto=60&cto=60"
        dead = f"mailto://127.0.0.1:{free_port()}/?from=a@example.org&to=b@example.org"
        told = notify([broken, hanging, dead, sound], "Title", "What happened.", 2.0)
    assert [post["message"] for post in received] == ["What happened."]
    assert len(told) == 3
    assert "(refused or not reached)" in told[0]
    assert "(no end after 2 seconds)" in told[1]
    assert told[2].startswith("The alarms could not be sent to mailto://127.0.0.1")


def settings_with(*addresses: str) -> Settings:
    return Settings({"ALARM_NOTIFY": list(addresses)})


def test_addresses_may_stand_in_a_file_and_passwords_stay_there(tmp_path: Path) -> None:
    file = tmp_path / "notify"
    file.write_text("# ours\njson://127.0.0.1/hook\n\nmailto://marrow:secret@\n")
    with pytest.raises(UsageError) as told:
        require_addresses(settings_with(str(file)))
    assert str(told.value).startswith("ALARM_NOTIFY: address 2 (mailto://…) cannot be notified")
    assert "secret" not in str(told.value)
    file.write_text("json://127.0.0.1/hook\n")
    require_addresses(settings_with(str(file), "json://127.0.0.1/other"))
    with pytest.raises(UsageError, match="none is neither an address"):
        require_addresses(settings_with(str(tmp_path / "none")))


@pytest.mark.slow
def test_an_address_that_cannot_be_used_is_told_before_the_crawl() -> None:
    done: subprocess.CompletedProcess[str] = scrapy(
        "crawl", "articles", "-a", "url=http://127.0.0.1:9/", "-s", "ALARM_NOTIFY=smoke://signals"
    )
    assert done.returncode == USAGE
    (line,) = done.stderr.splitlines()
    assert "address 1 (smoke://…) cannot be notified" in line
