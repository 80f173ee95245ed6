"""Reads the ministry's pages: the layouts of 2016 to today share everything but where the body stands."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, PageElement, Tag

from rag.corpus.dates import full_date
from rag.corpus.paragraphs import Document, Paragraph, paragraph
from rag.errors import ReadError

BODIES = (
    "#News_Body_Txt_A",
    "div.content_text > div[class*=TRS_UEDITOR]",
    "div[class*=TRS_UEDITOR]",
    "div.TRS_Editor",
    "div.content_text",
    "div.news-main",
    "div.content",
    "#content",
    "article",
)
"""CSS selectors of a page's body, surest first: Chinese pages, today's English ones, those of 2021, the archive's."""

MINISTRY = "Ministry of Foreign Affairs of the People's Republic of China"
_MINISTRYS = re.compile(r"(?:fmprc|mfa)\.gov\.cn|中华人民共和国外交部|Ministry of Foreign Affairs")
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_SHOWN_BOLD = frozenset(["b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"])
_SILENT = frozenset(["script", "style", "noscript", "template", "head", "title", "iframe", "object", "svg"])
_TITLES = ("title", "#News_Body_Title", "h1", "h2.title", ".title")
_SITE_NAME = re.compile(
    r"\s*(?:[_|]|\s[—–-]\s?)\s*(?:Ministry of Foreign Affairs|中华人民共和国外交部|外交部).*$", re.DOTALL
)
_QUESTION = re.compile(r"^\s*(?:Q|问|Question)\s*[:：]")
_IMAGE_DAY = re.compile(r"W0?(20\d\d)(\d\d)(\d\d)\d{6,}")
_ADDRESS_DAY = re.compile(r"(?:^|[\\/!])t(20\d\d)(\d\d)(\d\d)_\d+\.")
_SHOWN = "#News_Body_Time, .time, .date, .info, .news-title p, time"
_PAGE_NAME = re.compile(r"(t\d{6,}(?:_\d+)?)\.s?html?")
_PUBLISHED = ("PubDate", "publishdate", "article:published_time", "pubdate")


def looks_like_html(text: str) -> bool:
    """Whether the text is markup rather than plain text."""
    return bool(re.search(r"<(?:!doctype|html|head|body|div|p|br|table)\b", text[:20_000], re.IGNORECASE))


def read_html(text: str, url: str | None, path: str = "") -> Document:
    """Read a page from `url`, or else from a file at `path`.

    Raises:
        ReadError: the page is cut short, is a listing, or has no body.
    """
    lowered = text.lower()
    if "<html" in lowered and "</html" not in lowered:
        raise ReadError("the page is cut short: it has no closing </html>; fetch it again")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        soup = BeautifulSoup(text, "lxml")
    body = _body(soup)
    if not body:
        if sum(1 for _ in _links(soup)) >= 10:
            raise ReadError("the page is a listing: it links conferences and holds none")
        raise ReadError("no transcript body was found on the page")
    paragraphs = [part for tag in body for part in _paragraphs(tag)]
    if not paragraphs:
        raise ReadError("the page has a title but no text")
    return Document(
        title=_title(soup),
        paragraphs=paragraphs,
        url=url,
        institution=MINISTRY if _MINISTRYS.search(text) else None,
        hints=_hints(soup, body, url or path),
        related=[(name, link.get_text(" ", strip=True)) for name, link in _links(soup)],
    )


def _body(soup: BeautifulSoup) -> list[Tag]:
    """The elements that hold the transcript, in order; empty when there is none."""
    for selector in BODIES:
        found = [tag for tag in soup.select(selector) if tag.get_text(strip=True)]
        if found:
            largest = max(found, key=lambda tag: len(tag.get_text()))
            return [tag for tag in found if tag.parent is largest.parent]
    labels = [node for node in soup.find_all(string=_QUESTION) if node.find_parent(list(_SILENT)) is None]
    if not labels:
        return []
    shared = [tag for tag in labels[0].parents if all(tag in label.parents for label in labels)]
    return [tag for tag in shared if len(_paragraphs(tag)) > len(labels)][:1]


def _title(soup: BeautifulSoup) -> str:
    for selector in _TITLES:
        for tag in soup.select(selector):
            title = _SITE_NAME.sub("", re.sub(r"\s+", " ", tag.get_text())).strip()
            if title:
                return title
    return ""


def _paragraphs(body: Tag) -> list[Paragraph]:
    found: list[Paragraph] = []
    runs: list[tuple[str, bool]] = []

    def flush() -> None:
        made = paragraph(runs)
        if made:
            found.append(made)
        runs.clear()

    pending: list[tuple[Iterator[PageElement], bool, bool]] = [(iter(list(body.children)), _is_bold(body, False), True)]
    while pending:  # not recursive: pages can nest tags deeper than Python's stack
        children, bold, is_block = pending[-1]
        child = next(children, None)
        if child is None:
            pending.pop()
            if is_block:
                flush()
        elif isinstance(child, Tag):
            if child.name in _SILENT:
                continue
            block = child.name in _BLOCKS
            if block:
                flush()
            pending.append((iter(list(child.children)), _is_bold(child, bold), block))
        elif type(child) is NavigableString:
            runs.append((str(child), bold))
    flush()
    return found


def _is_bold(tag: Tag, inherited: bool) -> bool:
    if tag.name in _SHOWN_BOLD:
        return True
    style = str(tag.get("style") or "").lower().replace(" ", "")
    weight = re.search(r"font-weight:(\w+)", style)
    if weight:
        return weight[1] in ("bold", "bolder", "600", "700", "800", "900")
    return inherited


def _hints(soup: BeautifulSoup, body: list[Tag], address: str) -> list[str]:
    days: list[str] = []
    for shown in soup.select(_SHOWN):
        if shown.find_parent("li") is None:  # in a list it is another page's
            days += _days(shown.get_text(" "))
    for name in _PUBLISHED:
        meta = soup.find("meta", attrs={"name": name}) or soup.find("meta", attrs={"property": name})
        if isinstance(meta, Tag):
            days += _days(str(meta.get("content")))
    days += ["-".join(found) for found in _ADDRESS_DAY.findall(address)]
    sources = " ".join(str(image.get("src")) for tag in body for image in tag.find_all("img"))
    return days + sorted("-".join(found) for found in _IMAGE_DAY.findall(sources))


def _days(text: str) -> list[str]:
    """The day in a line that shows when a page was put up, or nothing."""
    day = full_date(text)
    return [day.isoformat()] if day else []


def _links(soup: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    for link in soup.find_all("a", href=True):
        match = _PAGE_NAME.search(str(link["href"]))
        if match:
            yield match[1], link
