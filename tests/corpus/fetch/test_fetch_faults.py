"""A server that misbehaves: nothing half is kept, nothing is left unsaid, and the rest is fetched."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fetch_site import (
    LISTED_EN,
    Site,
    cut_off,
    hang_up,
    redirect,
    send,
    shorter_than_stated,
    silent_for,
    small_site,
    status,
    transcript_page,
)

from rag.corpus.fetch import FetchReport
from rag.errors import FetchError

Fetch = Callable[..., FetchReport]
PAGE = f"{LISTED_EN}/t1789999.shtml"


def settle(fetch: Fetch, site: Site, **keys: object) -> tuple[str, str | None]:
    """Fetch a site of three transcripts; what became of the middle one, the others having been fetched."""
    report = fetch(site, **keys)
    above, middle, below = report.outcomes
    assert (above.state, below.state) == ("fetched", "fetched")
    assert (middle.file is None) == (middle.state != "fetched")
    return middle.state, middle.reason


@pytest.mark.parametrize(
    "fault",
    [status(500), status(503), status(429, Retry_After="0"), hang_up, shorter_than_stated, cut_off, silent_for(0.6)],
    ids=["500", "503", "429", "hang-up", "short", "cut-off", "silent"],
)
def test_what_may_pass_is_tried_again(fetch: Fetch, fault: Callable[..., None]) -> None:
    with small_site(3, 3) as site:
        site.faults[PAGE] = [fault, fault, None]
        assert settle(fetch, site) == ("fetched", None)
    assert site.asked[PAGE] == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(500), "HTTP 500"),
        (hang_up, "the transfer broke off"),
        (shorter_than_stated, "the transfer broke off"),
        (cut_off, "cut off after"),
        (silent_for(0.6), "no answer within 0.5 seconds"),
    ],
    ids=["500", "hang-up", "short", "cut-off", "silent"],
)
def test_what_does_not_pass_fails_with_its_reason(
    fetch: Fetch, fetched: Path, fault: Callable[..., None], reason: str
) -> None:
    with small_site(3, 3) as site:
        site.faults[PAGE] = [fault]
        state, told = settle(fetch, site)
    assert state == "failed"
    assert reason in (told or "")
    assert site.asked[PAGE] == 3
    assert not list(fetched.rglob("*t1789999*"))


@pytest.mark.parametrize("code", [404, 410, 403, 204])
def test_what_will_not_pass_is_asked_for_once(fetch: Fetch, code: int) -> None:
    with small_site(3, 3) as site:
        site.faults[PAGE] = [status(code)]
        state, reason = settle(fetch, site)
    assert state == "failed"
    assert f"HTTP {code}" in (reason or "")
    assert site.asked[PAGE] == 1


def test_a_page_that_is_there_the_next_time_is_fetched_then(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        page = site.pages.pop(PAGE)
        assert settle(fetch, site)[0] == "failed"
        site.pages[PAGE] = page
        assert [outcome.state for outcome in fetch(site).outcomes] == ["had", "fetched", "had"]


def test_a_redirect_to_another_host_is_refused_and_never_followed(fetch: Fetch) -> None:
    with small_site(3, 3) as site, Site({PAGE: transcript_page("elsewhere")}) as other:
        site.faults[PAGE] = [redirect(f"{other.base}{PAGE}")]
        state, reason = settle(fetch, site)
        assert not other.requests
    assert state == "refused"
    assert other.host in (reason or "")
    assert "not on a configured host" in (reason or "")


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "//example.invalid/t1.shtml", "http://[bad", "ftp://127.0.0.1/t1"]
)
def test_a_redirect_to_no_place_of_ours_is_refused(fetch: Fetch, to: str) -> None:
    with small_site(3, 3) as site:
        site.faults[PAGE] = [redirect(to)]
        assert settle(fetch, site)[0] == "refused"


def test_a_redirect_on_the_host_is_followed_and_kept_as_listed(fetch: Fetch, fetched: Path) -> None:
    with small_site(3, 3) as site:
        moved = f"{LISTED_EN}/202007/t20200727_1789999.shtml"
        site.pages[moved] = transcript_page("moved")
        site.faults[PAGE] = [redirect(moved)]
        assert settle(fetch, site) == ("fetched", None)
    (file,) = fetched.rglob("t1789999.shtml")
    assert file.read_bytes() == transcript_page("moved")


def test_a_redirect_to_a_page_that_is_no_transcript_is_refused(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        site.pages["/web/system/index_17321.shtml"] = b"<html>The page has been removed.</html>"
        site.faults[PAGE] = [redirect("/web/system/index_17321.shtml")]
        state, reason = settle(fetch, site)
    assert state == "refused"
    assert "not a transcript" in (reason or "")


def test_redirects_in_a_circle_are_refused(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        site.faults[PAGE] = [redirect(PAGE)]
        assert settle(fetch, site) == ("refused", "more than 5 redirects")


def test_a_page_over_the_limit_is_refused_whether_or_not_it_says_so(fetch: Fetch, fetched: Path) -> None:
    def endless(request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(b"<p>more</p>" * 1000)

    for fault in (None, endless):
        with small_site(3, 3) as site:
            site.pages[PAGE] = transcript_page("large", words=2000)
            site.faults[PAGE] = [fault]
            state, reason = settle(fetch, site, settings={"fetch_limit": 20_000})
            assert state == "refused"
            assert "limit of 20,000" in (reason or "")


def test_a_page_that_drips_is_given_up(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    def drip(request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.send_response(200)
        request.end_headers()
        for start in range(0, len(body), 10):
            request.wfile.write(body[start : start + 10])
            time.sleep(0.05)

    monkeypatch.setattr("rag.corpus.fetch.client._SLOWEST", 1)
    with small_site(3, 3) as site:
        site.faults[PAGE] = [drip]
        state, reason = settle(fetch, site, settings={"fetch_attempts": 1})
    assert (state, reason) == ("failed", "it came too slowly")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_page_in_another_encoding_than_it_says_is_kept_as_it_came(fetch: Fetch, fetched: Path, encoding: str) -> None:
    with small_site(3, 3) as site:
        site.pages[PAGE] = transcript_page("odd", encoding=encoding)
        assert settle(fetch, site) == ("fetched", None)
    (file,) = fetched.rglob("t1789999.shtml")
    assert file.read_bytes() == site.pages[PAGE]


def test_a_compressed_answer_is_kept_plain(fetch: Fetch, fetched: Path) -> None:
    import gzip

    with small_site(3, 3) as site:
        site.faults[PAGE] = [
            lambda request, body: send(request, 200, gzip.compress(body), {"Content-Encoding": "gzip"})
        ]
        assert settle(fetch, site) == ("fetched", None)
    (file,) = fetched.rglob("t1789999.shtml")
    assert file.read_bytes() == site.pages[PAGE]


def test_robots_txt_is_honoured(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        site.pages["/robots.txt"] = f"User-agent: OnRecord\nDisallow: {PAGE}\n\nUser-agent: *\nDisallow: /\n".encode()
        assert settle(fetch, site) == ("refused", "robots.txt forbids it")
        assert site.asked[PAGE] == 0
        assert site.asked["/robots.txt"] == 1

        site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /\n"
        with pytest.raises(FetchError, match=r"robots\.txt forbids it"):
            fetch(site)


def test_a_redirect_to_what_robots_txt_forbids_is_refused(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /private/\n"
        site.faults[PAGE] = [redirect("/private/t1789999.shtml")]
        assert settle(fetch, site) == ("refused", "robots.txt forbids it")
        assert site.asked["/private/t1789999.shtml"] == 0


@pytest.mark.parametrize("fault", [None, redirect("http://example.invalid/"), redirect("/"), status(403)])
def test_without_a_robots_txt_there_are_no_rules(fetch: Fetch, fault: Callable[..., None] | None) -> None:
    with small_site(3, 3) as site:
        site.faults["/robots.txt"] = [fault]
        assert settle(fetch, site) == ("fetched", None)


def test_a_robots_txt_out_of_reach_forbids_everything(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        site.faults["/robots.txt"] = [status(503)]
        with pytest.raises(FetchError, match="HTTP 503"):
            fetch(site)
        assert set(site.asked) == {"/robots.txt"}


def test_requests_are_spaced_and_say_who_asks(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("rag.corpus.fetch.client.time.sleep", pauses.append)
    with small_site(2, 2) as site:
        fetch(site, settings={"fetch_rate": 0.01, "fetch_contact": "reader@example.org"})
    ours = [pause for pause in pauses if pause]
    assert len(ours) == len(site.requests) - 1
    assert all(50 < pause <= 100 for pause in ours)
    agents = {headers["User-Agent"] for _, headers in site.requests}
    assert agents == {"OnRecord (reads press-conference transcripts; reader@example.org)"}


def test_a_crawl_delay_wins_over_a_faster_rate(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("rag.corpus.fetch.client.time.sleep", pauses.append)
    with small_site(1, 1) as site:
        site.pages["/robots.txt"] = b"User-agent: *\nCrawl-delay: 7\n"
        fetch(site)
    assert max(pauses) > 6


def test_a_server_that_asks_for_patience_gets_it(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    with small_site(3, 3) as site:
        site.faults[PAGE] = [status(429, Retry_After="9"), status(503, Retry_After="99999"), None]
        assert settle(fetch, site) == ("fetched", None)
    assert [pause for pause in pauses if pause] == [9, 60]
