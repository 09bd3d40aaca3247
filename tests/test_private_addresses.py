"""A crawl is not led into the network that it runs in, by whatever way."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scraper.private_addresses import address_in, is_public
from tests.host_spiders import fetch_all
from tests.servers import Reply, serve

crawled = pytest.mark.slow


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "192.88.99.1", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254"),
        *("fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001:0:5ef5:79fb::1", "4000::1"),
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1"),
        *("::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1", "2a00:1450:4001::8a"),
    ],
)
def test_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
        *(
            "017700000001",
            "127.0.0.1.",
            "0x7F.0.0.0x1",
            "１２７.0.0.1",
            "127。0。0。1",
            "①②⑦.0.0.1",
        ),
        *("%31%32%37.0.0.1", "127.000.000.001"),
    ],
)
def test_every_spelling_of_an_address_is_known(host: str) -> None:
    assert address_in(host) == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
    ],
)
def test_addresses_of_version_six(host: str, address: str) -> None:
    assert address_in(host) == ip_address(address)


@pytest.mark.parametrize(
    "host", ["example.org", "1.example.org", "localhost", "", "a:b", "256.1.1.1", "bücher.example"]
)
def test_a_name_is_no_address(host: str) -> None:
    assert address_in(host) is None


# What leads to our own machine, beside its address: names that the system's resolver knows.
NAMES = ["localhost", "LOCALHOST.", socket.gethostname()]
SPELLINGS = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0"]
PAGES = {"/page": "<p>page", "/robots.txt": "User-agent: *\n"}


def leads_here(host: str) -> bool:
    try:
        return socket.gethostbyname(host.rstrip(".")).startswith("127.")
    except OSError:
        return False


def reasons(outcomes: Any) -> set[str]:
    return {str(found).split(":")[0] for found in outcomes.values()}


@crawled
@pytest.mark.parametrize("robots", [True, False])
def test_nothing_is_asked_of_a_host_that_leads_here(tmp_path: Path, robots: bool) -> None:
    with serve(PAGES) as site:
        hosts = [*filter(leads_here, NAMES), *SPELLINGS]
        pages = [f"http://{host}:{site.port}/page" for host in hosts]
        settings = {"ROBOTSTXT_OBEY": robots, "RETRY_TIMES": 1}
        result = fetch_all(tmp_path, *pages, settings=settings, trusted=())
    assert reasons(result.outcomes) == {"private-address"}
    assert site.paths == []
    assert "Traceback" not in result.stderr


@crawled
def test_the_sentence_names_host_address_and_setting(tmp_path: Path) -> None:
    pages = "http://localhost:9/page", "http://0x7f.1:9/page"
    outcomes = fetch_all(tmp_path, *pages, trusted=()).outcomes
    advice = "where that is meant to be crawled, -s ALLOW_PRIVATE_ADDRESSES=True allows it"
    assert outcomes == {
        pages[0]: 'private-address: the host "localhost" leads to 127.0.0.1, no public address; '
        + advice,
        pages[1]: f'private-address: the host "{urlsplit(pages[1]).hostname}" is no public '
        "address; " + advice,
    }


@crawled
def test_the_setting_allows_them(tmp_path: Path) -> None:
    with serve(PAGES) as site:
        pages = [f"http://{host}:{site.port}/page" for host in ("localhost", "127.0.0.1")]
        settings = {"ALLOW_PRIVATE_ADDRESSES": True}
        result = fetch_all(tmp_path, *pages, settings=settings, trusted=())
    assert set(result.outcomes.values()) == {200}


@crawled
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_host_that_is_named_is_trusted_and_no_other(tmp_path: Path, host: str) -> None:
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}[host]
    with serve(PAGES) as site:
        pages = [f"http://{each}:{site.port}/page" for each in (host, other)]
        outcomes = fetch_all(tmp_path, *pages, trusted=[host]).outcomes
    assert outcomes[pages[0]] == 200
    assert str(outcomes[pages[1]]).startswith("private-address")
    assert {asked.headers["Host"] for asked in site.asked} == {f"{host}:{site.port}"}


@crawled
@pytest.mark.parametrize("to", ["http://localhost:{port}/page", "http://169.254.169.254/latest"])
def test_a_redirect_leads_nowhere_either(tmp_path: Path, to: str) -> None:
    routes: dict[str, Reply | str] = dict(PAGES)
    with serve(routes) as site:
        location = to.replace("{port}", str(site.port))
        routes["/away"] = Reply(status=302, headers={"Location": location})
        result = fetch_all(tmp_path, site.url + "/away")
    assert reasons(result.outcomes) == {"private-address"}
    assert "/page" not in site.paths


@crawled
def test_nor_does_a_redirect_of_robots_txt_or_tdmrep_json(tmp_path: Path) -> None:
    routes: dict[str, Reply | str] = {"/page": "<p>page", "/secret": "secret"}
    with serve(routes) as site:
        away = Reply(status=302, headers={"Location": f"http://localhost:{site.port}/secret"})
        routes["/.well-known/tdmrep.json"] = away
        first = fetch_all(tmp_path, site.url + "/page", store=False)
        routes["/robots.txt"] = away
        second = fetch_all(tmp_path, site.url + "/page", store=False)
    assert set(first.outcomes.values()) == {200}
    assert reasons(second.outcomes) == {"private-address"}
    assert "/secret" not in site.paths


TABLE = "tests.table_resolver.TableResolver"


@crawled
@pytest.mark.parametrize(
    ("answers", "cached", "allowed", "expected"),
    [
        # The name is public when robots.txt is asked for and ours when the page is.
        (["93.184.216.34", "127.0.0.1"], False, False, "private-address"),
        (["93.184.216.34", "127.0.0.1"], False, True, "http-404"),
        (["127.0.0.1"], False, False, "private-address"),
        (["10.0.0.8", "127.0.0.1"], True, False, "private-address"),
    ],
)
def test_a_name_that_changes_is_checked_at_every_lookup(
    tmp_path: Path, answers: list[str], cached: bool, allowed: bool, expected: str
) -> None:
    """The table answers in the place of DNS; all else is the crawl's own."""
    with serve(PAGES) as site:
        settings = {
            "TWISTED_DNS_RESOLVER": TABLE,
            "TABLE": {"rebind.example": answers},
            "DNSCACHE_ENABLED": cached,
            "ALLOW_PRIVATE_ADDRESSES": allowed,
            "DOWNLOAD_TIMEOUT": 1,
            "ROBOTSTXT_OBEY": False,
            "OBEY_DIRECTIVES": [],
        }
        pages = [f"http://rebind.example:{site.port}/page?{n}" for n in range(len(answers))]
        result = fetch_all(tmp_path, *pages, settings=settings, trusted=())
    assert str(result.outcomes[pages[-1]]).startswith(expected)
    assert bool(site.paths) is allowed


@crawled
def test_the_table_is_asked_at_all(tmp_path: Path) -> None:
    with serve(PAGES) as site:
        settings = {"TWISTED_DNS_RESOLVER": TABLE, "TABLE": {"named.example": ["127.0.0.1"]}}
        page = f"http://named.example:{site.port}/page"
        result = fetch_all(tmp_path, page, settings=settings, trusted=["named.example"])
    assert result.outcomes == {page: 200}


@crawled
def test_another_resolver_is_warned_of(tmp_path: Path) -> None:
    settings = {"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver"}
    with serve(PAGES) as site:
        result = fetch_all(tmp_path, site.url + "/page", settings=settings)
    assert "names that lead to private addresses are not refused" in result.stderr
