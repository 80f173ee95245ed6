"""The real pages served at their original paths, with faults: the counts are those of the archive."""

from __future__ import annotations

import datetime as dt
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_site import LISTED_EN, Site, cut_off, hang_up, redirect, shorter_than_stated, status

from rag.corpus.fetch import FetchReport
from rag.types import Period

pytestmark = pytest.mark.archive
Fetch = Callable[..., FetchReport]


def served(archive: Path) -> Site:
    """A site of everything in an archive, listing pages included."""
    with tarfile.open(archive) as members:
        return Site({f"/{m.name.removeprefix('./')}": members.extractfile(m).read() for m in members if m.isfile()})


def counts(report: FetchReport) -> dict[str, int]:
    assert sum(report.counts.values()) == len(report.outcomes)
    return {state: count for state, count in report.counts.items() if count}


def test_the_english_archive_with_faults(fetch: Fetch, fetched: Path, shared_folder: Path) -> None:
    with served(shared_folder / "archive" / "mfa-en-2018-2020.tar.xz") as site, Site() as other:
        pages = {path: page for path, page in site.pages.items() if "/t1" in path}
        names = sorted(pages)
        for number, fault in enumerate((status(500), status(503), hang_up, cut_off, shorter_than_stated)):
            for path in names[number:200:20]:
                site.faults[path] = [fault, None]
        for path in names[300:303]:
            site.faults[path] = [redirect(f"{other.base}{path}")]
        lasting = {names[310]: cut_off, names[311]: status(500)}
        site.faults |= {path: [fault] for path, fault in lasting.items()}
        site.pages["/robots.txt"] = f"User-agent: *\nDisallow: {names[320]}\n".encode()

        report = fetch(site)
        assert counts(report) == {"fetched": 450 - 6, "refused": 4, "failed": 50 + 2}
        assert (report.listings, report.repeated, report.faults) == (13, 0, ())
        assert not other.requests

        site.faults.clear()
        del site.pages["/robots.txt"]
        assert counts(fetch(site)) == {"had": 444, "fetched": 6, "failed": 50}
    root = fetched / site.host.replace(":", "_")
    assert {f"/{file.relative_to(root).as_posix()}": file.read_bytes() for file in root.rglob("t*.shtml")} == pages


def test_a_period_of_the_english_archive_reads_no_further(fetch: Fetch, shared_folder: Path) -> None:
    with served(shared_folder / "archive" / "mfa-en-2018-2020.tar.xz") as site:
        report = fetch(site, "en", Period(first=dt.date(2020, 6, 1), last=dt.date(2020, 6, 30)))
    in_june = [outcome for outcome in report.outcomes if outcome.state != "outside"]
    assert len(in_june) == 20
    assert all("June" in outcome.title for outcome in in_june)
    assert site.asked[f"{LISTED_EN}/default_1.shtml"] == 1
    assert site.asked[f"{LISTED_EN}/default_2.shtml"] == 0


def test_the_chinese_archive_of_one_spring(fetch: Fetch, shared_folder: Path) -> None:
    with served(shared_folder / "archive" / "mfa-zh-2016-2020.tar.xz") as site:
        report = fetch(site, "zh", Period(first=dt.date(2020, 3, 1), last=dt.date(2020, 5, 31)))
        again = fetch(site, "zh")
    taken = counts(report)
    assert taken["fetched"] + taken["failed"] == len([o for o in report.outcomes if o.state != "outside"])
    assert report.listings < 10
    assert counts(again) == {"had": taken["fetched"], "fetched": 800 - taken["fetched"], "failed": 200}
    assert (again.listings, again.faults) == (67, ())
