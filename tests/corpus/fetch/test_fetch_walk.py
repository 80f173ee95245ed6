"""A whole fetch from a local server: what is listed is settled, kept at its path, and settled once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_site import (
    LISTED_BETWEEN,
    LISTED_EN,
    LISTED_NOW,
    LISTED_ZH,
    Site,
    conference,
    listing_page,
    redirect,
    small_site,
    status,
    transcript_page,
)

from rag.corpus.fetch import FetchReport
from rag.errors import FetchError
from rag.types import Period

Fetch = Callable[..., FetchReport]


def counts(report: FetchReport) -> dict[str, int]:
    assert sum(report.counts.values()) == len(report.outcomes)
    return {state: count for state, count in report.counts.items() if count}


def reasons(report: FetchReport) -> dict[str, str]:
    return {outcome.url.rpartition("/")[2]: outcome.reason for outcome in report.outcomes if outcome.reason}


def kept(fetched: Path, site: Site) -> dict[str, bytes]:
    """The pages on disk by path on the site, hidden files left out."""
    root = fetched / site.host.replace(":", "_")
    files = [file for file in root.rglob("*") if file.is_file() and not file.name.startswith(".")]
    return {f"/{file.relative_to(root).as_posix()}": file.read_bytes() for file in files}


def test_everything_listed_is_kept_at_its_path(fetch: Fetch, fetched: Path) -> None:
    with small_site(7, 3) as site:
        seen: list[tuple[int, int]] = []
        report = fetch(site, progress=lambda done, total: seen.append((done, total)))
    pages = {path: page for path, page in site.pages.items() if "/t17" in path}
    assert counts(report) == {"fetched": 7}
    assert (report.listings, report.repeated, report.faults) == (3, 0, ())
    assert kept(fetched, site) == pages
    assert [file.read_bytes() for file in report.files] == list(pages.values())
    assert [done for done, _ in seen] == [1, 2, 3, 4, 5, 6, 7, 7]
    assert all(done <= total for done, total in seen)


def test_a_second_fetch_asks_for_listings_only(fetch: Fetch) -> None:
    with small_site() as site:
        first = fetch(site)
        site.requests.clear()
        again = fetch(site)
    assert counts(again) == {"had": 6}
    assert again.files == first.files
    assert not [path for path in site.asked if "/t17" in path]


def test_a_new_page_is_fetched_alone(fetch: Fetch) -> None:
    with small_site(4, 4) as site:
        fetch(site)
        site.pages[f"{LISTED_EN}/t1790001.shtml"] = transcript_page("new")
        links = [(f"./t{1790001 - number}.shtml", conference(f"July {29 - number}, 2020")) for number in range(5)]
        site.pages[f"{LISTED_EN}/default.shtml"] = listing_page(links, 1)
        assert counts(fetch(site)) == {"fetched": 1, "had": 4}


@pytest.mark.parametrize(
    ("language", "listing", "name"),
    [
        ("en", f"{LISTED_NOW}/index.html", "202609/t20260930_11720001.html"),
        ("en", f"{LISTED_BETWEEN}/index.html", "t1907654.html"),
        ("en", "/eng/xwfw_665399/s2510_665401/2511_665403/index.html", "../202203/t20220309_10650005.html"),
        ("zh", f"{LISTED_ZH}/default.shtml", "t1794584.shtml"),
        ("zh", f"{LISTED_ZH}/index.shtml", "202112/t20211201_10460717.shtml"),
        ("zh", "/web/fyrbt_673021/jzhsl_673025/index.shtml", "202609/t20260930_11720002.shtml"),
    ],
)
def test_each_layout_is_walked(fetch: Fetch, fetched: Path, language: str, listing: str, name: str) -> None:
    folder = listing.rpartition("/")[0]
    path = f"{folder.rpartition('/')[0]}/{name[3:]}" if name.startswith("../") else f"{folder}/{name}"
    with Site({listing: listing_page([(f"./{name}", "x")]), path: transcript_page(name)}) as site:
        report = fetch(site, language)
    assert counts(report) == {"fetched": 1}
    assert list(kept(fetched, site)) == [path]


def test_layouts_side_by_side_are_walked_newest_first(fetch: Fetch) -> None:
    with small_site(2, 2) as site:
        site.pages[f"{LISTED_NOW}/index.html"] = listing_page([("./202609/t20260930_11720001.html", "x")], 1)
        site.pages[f"{LISTED_NOW}/202609/t20260930_11720001.html"] = transcript_page("now")
        report = fetch(site)
    assert [outcome.url.rpartition("/")[2] for outcome in report.outcomes] == [
        "t20260930_11720001.html",
        "t1790000.shtml",
        "t1789999.shtml",
    ]


def test_a_list_that_states_no_count_ends_where_pages_end(fetch: Fetch) -> None:
    first, second = f"{LISTED_NOW}/index.html", f"{LISTED_NOW}/index_1.html"
    pages = {first: listing_page([("./t1000001.html", "a")]), second: listing_page([("./t1000002.html", "b")])}
    pages |= {f"{LISTED_NOW}/t100000{n}.html": transcript_page(str(n)) for n in (1, 2)}
    for beyond in (None, redirect("/web/system/index_17321.html"), redirect(first)):
        with Site(pages | {"/web/system/index_17321.html": listing_page([])}) as site:
            site.faults[f"{LISTED_NOW}/index_2.html"] = [beyond]
            report = fetch(site)
        assert (len(report.outcomes), report.faults) == (2, ())


def test_a_server_that_answers_everything_does_not_hold_the_walk(fetch: Fetch) -> None:
    with Site({f"{LISTED_NOW}/t1000001.html": transcript_page("1")}) as site:
        listing = listing_page([("./t1000001.html", "a")])
        for number in range(50):
            site.pages[f"{LISTED_NOW}/index{f'_{number}' if number else ''}.html"] = listing
        report = fetch(site)
    assert report.listings == 1
    assert site.asked[f"{LISTED_NOW}/index_2.html"] == 0


def test_a_page_linked_twice_is_settled_once(fetch: Fetch) -> None:
    with small_site(6, 3) as site:
        links = [
            ("./t1790000.shtml", "twice on"),
            ("t1790000.shtml", "one page"),
            ("./t1789998.shtml", "and on the next"),
        ]
        site.pages[f"{LISTED_EN}/default.shtml"] = listing_page(links, 2)
        links = [("./t1789998.shtml", "x"), ("./t1789997.shtml", "y")]
        site.pages[f"{LISTED_EN}/default_1.shtml"] = listing_page(links, 2)
        report = fetch(site)
    assert counts(report) == {"fetched": 3}
    assert report.repeated == 2
    assert max(site.asked.values()) == 1


def test_since_ends_the_walk_and_until_passes_over(fetch: Fetch) -> None:
    with small_site(15, 3) as site:
        period = Period(first=dt.date(2020, 7, 22), last=dt.date(2020, 7, 26))
        report = fetch(site, "en", period)
    days = {f"t{1790000 - number}.shtml": 28 - number for number in range(15)}
    taken = [days[outcome.url.rpartition("/")[2]] for outcome in report.outcomes if outcome.state == "fetched"]
    assert taken == [26, 25, 24, 23, 22]
    # The third page reaches back before the period, but only one wholly before it shows that no more follow.
    assert counts(report) == {"fetched": 5, "outside": 7}
    assert site.asked[f"{LISTED_EN}/default_3.shtml"] == 1
    assert site.asked[f"{LISTED_EN}/default_4.shtml"] == 0


def test_a_page_listed_without_a_day_is_taken_whatever_the_period(fetch: Fetch) -> None:
    with small_site(2, 2) as site:
        links = [("./t1790000.shtml", conference("July 3, 2020")), ("./t1789999.shtml", "Li Na's Remarks on a Visit")]
        site.pages[f"{LISTED_EN}/default.shtml"] = listing_page(links, 1)
        report = fetch(site, "en", Period(last=dt.date(2020, 7, 1)))
    assert [outcome.state for outcome in report.outcomes] == ["outside", "fetched"]


def test_a_listing_page_that_fails_is_reported_and_passed_over(fetch: Fetch) -> None:
    with small_site(6, 2) as site:
        site.faults[f"{LISTED_EN}/default_1.shtml"] = [status(500)]
        report = fetch(site)
    assert counts(report) == {"fetched": 4}
    assert [(fault.url.rpartition("/")[2], fault.reason[:8]) for fault in report.faults] == [
        ("default_1.shtml", "HTTP 500")
    ]


def test_links_that_lead_elsewhere_are_refused_unasked(fetch: Fetch, fetched: Path) -> None:
    with small_site(1, 1) as site, Site() as other:
        away = f"{other.base}{LISTED_EN}/t1790000.shtml"
        links = [
            ("./t1790000.shtml", "good"),
            (away, "another host"),
            ("../../../../../etc/t1234567.shtml", "out of the section"),
            ("./%2e%2e/%2e%2e/%2e%2e/t1234567.shtml", "hidden way up"),
            (f"http://../{LISTED_EN}/t1234567.shtml", "a host that is a way up"),
            (f"http://user@{site.host}{LISTED_EN}/t1234568.shtml", "with a user"),
            ("./t1234569.shtml/t1234569.shtml", "a folder named as a page"),
        ]
        site.pages[f"{LISTED_EN}/default.shtml"] = listing_page(links, 1)
        report = fetch(site)
        assert not other.requests
    assert counts(report) == {"fetched": 1, "refused": 6}
    assert all(reasons(report).values())
    assert list(kept(fetched, site)) == [f"{LISTED_EN}/t1790000.shtml"]
    assert not list(fetched.parent.parent.rglob("t12345*"))


def test_no_listing_is_an_error_that_names_the_setting(fetch: Fetch) -> None:
    with Site() as site, pytest.raises(FetchError, match=r"no listing .*HTTP 404.*fetch_base"):
        fetch(site)


def test_no_server_is_an_error_that_names_the_setting(fetch: Fetch) -> None:
    with Site() as site:
        pass
    with pytest.raises(FetchError, match=r"robots.txt cannot be read \(no connection.*fetch_base"):
        fetch(site)


@pytest.mark.parametrize(
    "base", ["127.0.0.1:80", "ftp://example.org", "", "http://", "http://a@b.c", "http://[x", "/a"]
)
def test_a_base_that_is_no_site_is_an_error(fetch: Fetch, base: str) -> None:
    with Site() as site, pytest.raises(FetchError, match="fetch_base"):
        fetch(site, settings={"fetch_base": base})


def test_a_base_may_be_a_mirror_below_a_folder(fetch: Fetch) -> None:
    with small_site(2, 2) as site:
        site.pages = {f"/mirror{path}": page for path, page in site.pages.items()}
        assert counts(fetch(site, settings={"fetch_base": f"{site.base}/mirror/"})) == {"fetched": 2}


def test_a_server_that_goes_away_is_not_asked_for_the_rest(fetch: Fetch) -> None:
    with small_site(8, 8) as site:

        def stop(done: int, total: int) -> None:
            if done == 2:
                site.stop()

        report = fetch(site, progress=stop, settings={"fetch_attempts": 1})
    assert counts(report) == {"fetched": 2, "failed": 6}
    told = list(reasons(report).values())
    assert [reason.partition(":")[0] for reason in told[1:]] == ["no connection"] * 3 + ["not asked for"] * 2


def test_recheck_asks_with_validators_and_replaces_what_changed(fetch: Fetch, fetched: Path) -> None:
    with small_site(3, 3) as site:
        site.validators = True
        fetch(site)
        changed, silent = f"{LISTED_EN}/t1789999.shtml", f"{LISTED_EN}/t1789998.shtml"
        site.pages[changed] = transcript_page("corrected")
        site.requests.clear()
        report = fetch(site, recheck=True)
        assert [outcome.state for outcome in report.outcomes] == ["unchanged", "fetched", "unchanged"]
        assert kept(fetched, site)[changed] == transcript_page("corrected")
        headers = dict(site.requests)[silent]
        assert headers["If-None-Match"]
        assert headers["If-Modified-Since"] == "Fri, 03 Jul 2020 10:00:00 GMT"

        del site.pages[silent]
        gone = fetch(site, recheck=True)
    assert counts(gone) == {"unchanged": 2, "failed": 1}
    assert silent in kept(fetched, site)
    assert len(gone.files) == 3


def test_recheck_without_validators_compares_the_bytes(fetch: Fetch) -> None:
    with small_site(3, 3) as site:
        fetch(site)
        site.pages[f"{LISTED_EN}/t1789999.shtml"] = transcript_page("corrected")
        assert counts(fetch(site, recheck=True)) == {"unchanged": 2, "fetched": 1}


def test_a_page_altered_on_disk_is_asked_for_without_its_old_validators(fetch: Fetch, fetched: Path) -> None:
    with small_site(1, 1) as site:
        site.validators = True
        (file,) = fetch(site).files
        file.write_bytes(b"altered by hand")
        assert counts(fetch(site)) == {"had": 1}
        assert counts(fetch(site, recheck=True)) == {"fetched": 1}
        assert file.read_bytes() == site.pages[f"{LISTED_EN}/t1790000.shtml"]
