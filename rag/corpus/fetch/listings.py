"""What the ministry's listing pages say: which transcripts there are, when they are from, where the list goes on.

The site has had three layouts. Listings are `default.shtml, default_1.shtml …` in the first (to 2020) and
`index.html, index_1.html …` (`.shtml` in Chinese) in the two since; pages are `t1234567.shtml`, `t1234567.html`
and `YYYYMM/tYYYYMMDD_12345678.html`. The newest page stands first in all of them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from rag.types import Record

Language = Literal["en", "zh"]

MFA_LISTINGS: dict[Language, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("/eng/xw/fyrbt/lxjzh/index.html",),
        (
            "/eng/xwfw_665399/s2510_665401/2511_665403/index.html",
            "/mfa_eng/xwfw_665399/s2510_665401/2511_665403/index.html",
            "/eng/xwfw_665399/s2510_665401/index.html",
        ),
        ("/mfa_eng/xwfw_665399/s2510_665401/2511_665403/default.shtml",),
    ),
    "zh": (
        (
            "/web/fyrbt_673021/jzhsl_673025/index.shtml",
            "/fyrbt_673021/jzhsl_673025/index.shtml",
            "/web/wjdt_674879/fyrbt_674889/index.shtml",
        ),
        (
            "/web/wjdt_674879/fyrbt_674889/default.shtml",
            "/web/fyrbt_673021/jzhsl_673025/default.shtml",
        ),
    ),
}
"""First listing page of each layout, newest layout first. The addresses in one group list the same transcripts:
the first that answers is walked."""

_PAGE_NAME = re.compile(r"t\d{4,12}(?:_\d{1,12})?\.s?html?")
_FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_COUNT = re.compile(r"\bcountPage\s*=\s*(\d{1,5})\b|\bcreatePageHTML\(\s*(\d{1,5})\b")
_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b")
_CHINESE_DATE = re.compile(r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_NAME_DATE = re.compile(r"/t((?:19|20)\d\d)(\d\d)(\d\d)_\d+\.")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_DATE = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?\s*(\d{1,2})(?:st|nd|rd|th)?\b(?:\s*,?\s*((?:19|20)\d\d))?",
    re.IGNORECASE,
)
_PUBLISHED_WITHIN = dt.timedelta(days=31)
"""A date in a title further than this from the day of publication is the date of something else."""


class Link(Record):
    """One transcript as a listing names it."""

    url: str
    title: str
    date: dt.date | None = None
    """As listed, its year perhaps taken from the entries around it; None when the listing gives no day."""
    unsafe: str | None = None
    """Why the address is not to be asked for, when it is not."""


class Listing(Record):
    """One listing page."""

    links: tuple[Link, ...]
    """In the page's order, each address once."""
    repeated: int
    """Links to an address that the page had named before."""
    pages: int | None
    """How many listing pages there are, when the page says so."""


def listing_url(first: str, number: int) -> str:
    """Address of listing page `number` (from 0) of the list that begins at `first`."""
    if number == 0:
        return first
    stem, dot, suffix = first.rpartition(".")
    return f"{stem}_{number}{dot}{suffix}"


def is_transcript_path(path: str) -> bool:
    """Whether an address's path is one a transcript can have: plain folders, then a page name.

    Nothing in such a path can lead out of the folder it is saved under.
    """
    empty, *folders, name = path.split("/") if "/" in path else ["?", path]
    return not empty and bool(_PAGE_NAME.fullmatch(name)) and all(_FOLDER_NAME.fullmatch(part) for part in folders)


def read_listing(data: bytes, url: str, found_at: str | None = None, newer: dt.date | None = None) -> Listing:
    """Read the transcripts that a listing page links, in its order.

    Args:
        data: the page as served.
        url: the address that was asked for; transcripts are expected in its section of the site.
        found_at: the address that answered, when that is another; links are resolved against it.
        newer: date of the entry before this page's first one, for titles without a year.
    """
    soup = BeautifulSoup(data, "lxml")
    links: dict[str, Link] = {}
    repeated = 0
    for anchor in soup.find_all("a", href=True):
        address = _address(str(anchor["href"]), found_at or url)
        if address is None:
            continue
        if address in links:
            repeated += 1
            continue
        title = " ".join(anchor.get_text().split())
        date = _listed_date(title, _beside(anchor), address, newer)
        newer = date or newer
        links[address] = Link(url=address, title=title, date=date, unsafe=_unsafe(address, url))
    stated = [int(a or b) for script in soup.find_all("script") for a, b in _COUNT.findall(script.get_text())]
    return Listing(
        links=tuple(links.values()),
        repeated=repeated,
        pages=max(stated, default=None),
    )


def _address(href: str, base: str) -> str | None:
    """The absolute address of a link to something named like a transcript, else None."""
    try:
        parts = urlsplit(urljoin(base, href.strip()))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _PAGE_NAME.fullmatch(parts.path.rpartition("/")[2]):
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _unsafe(address: str, listing: str) -> str | None:
    """Why a listed address is refused before it is asked for."""
    path = urlsplit(address).path
    if not is_transcript_path(path):
        return "its path is not one a transcript can have"
    # Pages of the layout in between stand beside the listing's folder, not in it.
    section = urlsplit(listing).path.rsplit("/", 2)[0] + "/"
    if not path.startswith(section):
        return f"it is outside the listing's section {section}"
    return None


def _beside(anchor: Tag) -> str:
    """The text of a link's list item or row without the link's own, where listings put the date."""
    holder = anchor.find_parent(["li", "tr", "dd"])
    if holder is None or len(holder.find_all("a", href=_PAGE_NAME)) != 1:
        return str(anchor.next_sibling or "")
    return holder.get_text(" ").replace(anchor.get_text(" "), " ", 1)


def _listed_date(title: str, beside: str, address: str, newer: dt.date | None) -> dt.date | None:
    """The date a listing gives an entry: the title's, unless the page was published at another time."""
    published = _first_date(_ISO_DATE, beside) or _first_date(_CHINESE_DATE, beside) or _first_date(_NAME_DATE, address)
    titled = _first_date(_CHINESE_DATE, title) or _english_date(title, published or newer)
    if titled is None or (published and abs(titled - published) > _PUBLISHED_WITHIN):
        return published
    return titled


def _first_date(pattern: re.Pattern[str], text: str) -> dt.date | None:
    return next((date for match in pattern.finditer(text) if (date := _date(*match.groups()))), None)


def _english_date(title: str, near: dt.date | None) -> dt.date | None:
    """The last date in an English title; one without a year falls as close to `near` as it can."""
    matches = list(_ENGLISH_DATE.finditer(title))
    match = next((match for match in reversed(matches) if match[3]), matches[-1] if matches else None)
    if match is None:
        return None
    month, day = _MONTHS.index(match[1].lower()) + 1, match[2]
    if match[3]:
        return _date(match[3], month, day)
    if near is None:
        return None
    candidates = (_date(year, month, day) for year in range(near.year - 1, near.year + 2))
    return min((date for date in candidates if date), key=lambda date: abs(date - near), default=None)


def _date(year: str | int, month: str | int, day: str | int) -> dt.date | None:
    """The day, or None when the calendar has no such day."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
