"""Listings in the site's three layouts: what they list, from when, and which links are not to be followed."""

from __future__ import annotations

import datetime as dt

import pytest
from fetch_site import LISTED_BETWEEN, LISTED_EN, LISTED_NOW, LISTED_ZH, conference, listing_page

from rag.corpus.fetch.listings import is_transcript_path, listing_url, read_listing

HOST = "https://www.fmprc.gov.cn"
FIRST = f"{HOST}{LISTED_EN}/default.shtml"


def dates(links: list[tuple[str, ...]], url: str = FIRST, newer: dt.date | None = None) -> list[str | None]:
    listing = read_listing(listing_page(links), url, newer=newer)
    return [link.date.isoformat() if link.date else None for link in listing.links]


@pytest.mark.parametrize(
    ("listing", "link", "page"),
    [
        (f"{LISTED_EN}/default.shtml", "./t1794629.shtml", f"{LISTED_EN}/t1794629.shtml"),
        (f"{LISTED_ZH}/default.shtml", "./t1794584.shtml", f"{LISTED_ZH}/t1794584.shtml"),
        (f"{LISTED_BETWEEN}/index.html", "./t1907654.html", f"{LISTED_BETWEEN}/t1907654.html"),
        (
            "/eng/xwfw_665399/s2510_665401/2511_665403/index_3.html",
            "../202203/t20220309_10650005.html",
            "/eng/xwfw_665399/s2510_665401/202203/t20220309_10650005.html",
        ),
        (
            f"{LISTED_NOW}/index.html",
            "./202609/t20260930_11720001.html",
            f"{LISTED_NOW}/202609/t20260930_11720001.html",
        ),
        (
            "/web/fyrbt_673021/jzhsl_673025/index.shtml",
            "./202609/t20260930_11720002.shtml",
            "/web/fyrbt_673021/jzhsl_673025/202609/t20260930_11720002.shtml",
        ),
    ],
)
def test_each_layout_lists_its_pages(listing: str, link: str, page: str) -> None:
    found = read_listing(listing_page([(link, conference("September 30, 2026"))], pages=7), HOST + listing)
    assert [entry.url for entry in found.links] == [HOST + page]
    assert [entry.unsafe for entry in found.links] == [None]
    assert found.pages == 7


def test_listing_pages_are_numbered_from_the_second() -> None:
    assert listing_url(FIRST, 0) == FIRST
    assert listing_url(FIRST, 12).endswith("/default_12.shtml")
    assert listing_url(f"{HOST}{LISTED_NOW}/index.html", 1).endswith("/lxjzh/index_1.html")


def test_a_page_linked_twice_is_listed_once() -> None:
    links = [("./t1794629.shtml", "a"), ("t1794629.shtml?from=home#top", "b"), (f"{LISTED_EN}/t1794629.shtml", "c")]
    listing = read_listing(listing_page(links), FIRST)
    assert [link.title for link in listing.links] == ["a"]
    assert listing.repeated == 2
    assert listing.pages is None


def test_english_dates_with_and_without_a_year() -> None:
    assert dates(
        [
            ("t1700009.shtml", conference("January 2, 2019")),
            ("t1700008.shtml", conference("December 29")),
            ("t1700007.shtml", conference("Dec. 28")),
            ("t1700006.shtml", "Li Na's Remarks on the Declaration of 12 Scholars"),
            ("t1700005.shtml", conference("June14, 2018")),
            ("t1700004.shtml", conference("February 30, 2018")),
        ]
    ) == ["2019-01-02", "2018-12-29", "2018-12-28", None, "2018-06-14", None]


def test_a_year_is_taken_from_the_listing_page_before() -> None:
    assert dates([("t1700008.shtml", conference("December 29"))], newer=dt.date(2019, 1, 2)) == ["2018-12-29"]
    assert dates([("t1700008.shtml", conference("December 29"))]) == [None]


def test_chinese_dates_stand_in_the_title_or_beside_it() -> None:
    assert dates(
        [
            ("t1794584.shtml", "2020年7月3日外交部发言人李娜主持例行记者会", "(2020-07-03)"),
            ("t1793459.shtml", "外交部发言人就有关问题发表谈话", "(2020-06-30)"),
            ("t1793458.shtml", "外交部发言人就2001年9月11日事件答记者问", "(2020-06-29)"),
            ("t1793457.shtml", "2020年6月28日外交部发言人李娜主持例行记者会"),
        ],
        f"{HOST}{LISTED_ZH}/default.shtml",
    ) == ["2020-07-03", "2020-06-30", "2020-06-29", "2020-06-28"]


def test_a_page_name_dates_what_its_title_does_not() -> None:
    assert dates(
        [
            ("./202609/t20260930_11720001.html", "Li Na's Remarks on a Visit"),
            ("./202609/t20260930_11720000.html", conference("September 29, 2026")),
            ("./202601/t20260102_11700000.html", conference("December 31")),
        ],
        f"{HOST}{LISTED_NOW}/index.html",
    ) == ["2026-09-30", "2026-09-29", "2025-12-31"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/t1794629.shtml",
        "/a/%2e%2e/t1794629.shtml",
        "/a//t1794629.shtml",
        "/a/.b/t1794629.shtml",
        "/a\\b/t1794629.shtml",
        "/t1794629.shtml/t1794629.shtml",
        "t1794629.shtml",
        "/a/t1794629.php",
        "/a/t1794629.shtml/",
        "/a/default.shtml",
        "",
        "/",
        f"/{'a' * 200}/t1794629.shtml",
    ],
)
def test_a_path_that_no_transcript_has_is_not_one(path: str) -> None:
    assert not is_transcript_path(path)


@pytest.mark.parametrize(
    "link", ["../../../../../../etc/t1794629.shtml", "/other/t1794629.shtml", "%2e%2e/t1794629.shtml"]
)
def test_a_link_out_of_the_section_is_marked_unsafe(link: str) -> None:
    (entry,) = read_listing(listing_page([(link, "x")]), FIRST).links
    assert entry.unsafe


def test_links_to_other_things_are_not_transcripts() -> None:
    links = [("../", "up"), ("javascript:void(0)", "js"), ("mailto:a@b.c", "mail"), ("http://[bad/t1.shtml", "bad")]
    assert read_listing(listing_page(links), FIRST).links == ()


def test_a_listing_in_a_wrong_encoding_still_lists() -> None:
    data = listing_page([("./t1794584.shtml", "2020年7月3日外交部发言人")]).decode().encode("gb18030")
    (entry,) = read_listing(data, f"{HOST}{LISTED_ZH}/default.shtml").links
    assert entry.url.endswith("/t1794584.shtml")
