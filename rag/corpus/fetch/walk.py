"""Walks the ministry's listings and keeps the transcripts that are not held yet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, get_args
from urllib.parse import urlsplit

from rag.config import Settings
from rag.corpus.fetch.client import Client, FailedError, RefusedError, TransientError, site
from rag.corpus.fetch.folder import Folder
from rag.corpus.fetch.listings import (
    MFA_LISTINGS,
    Language,
    Link,
    Listing,
    is_transcript_path,
    listing_url,
    read_listing,
)
from rag.errors import FetchError
from rag.types import Period, Record

State = Literal["fetched", "unchanged", "had", "outside", "refused", "failed"]
"""fetched: saved, new or in place of an older version; unchanged: asked for again and the same; had: held, so not
asked for; outside: listed with a day outside the period; refused: we would not take it; failed: not given."""

_MOST_LISTINGS = 2_000
"""Listing pages walked at most: the ministry's longest list has fewer than 200."""
_MOST_FAULTS = 3
"""Listing pages, or connections, that may fail in a row before the rest is given up."""
_SAME_SITE = frozenset({"www.fmprc.gov.cn", "www.mfa.gov.cn"})
"""The ministry's site under its two names."""

Progress = Callable[[int, int], None]
Known = Mapping[str, Path | None]
"""Name of a page, such as `t1666065`, to its file; None for one inside an archive."""


class Outcome(Record):
    """What became of one listed transcript."""

    url: str
    title: str
    state: State
    reason: str | None = None
    """Why it was refused or failed."""
    file: Path | None = None
    """Where it is kept, when it is."""


class Fault(Record):
    """A listing page that could not be read."""

    url: str
    reason: str


class FetchReport(Record):
    """What a fetch did. Every transcript listed has one outcome."""

    outcomes: tuple[Outcome, ...]
    listings: int
    """Listing pages read."""
    repeated: int
    """Links to a transcript that was already listed."""
    faults: tuple[Fault, ...]

    @property
    def counts(self) -> dict[State, int]:
        """Transcripts by what became of them; the sum is the number listed."""
        counted = Counter(outcome.state for outcome in self.outcomes)
        return {state: counted[state] for state in get_args(State)}

    @property
    def files(self) -> tuple[Path, ...]:
        """The transcripts listed that are held now, whether from this fetch or an earlier one."""
        return tuple(outcome.file for outcome in self.outcomes if outcome.file)


def fetch_mfa(
    settings: Settings,
    language: Language = "en",
    period: Period | None = None,
    *,
    recheck: bool = False,
    known: Known = MappingProxyType({}),
    backoff: float = 1.0,
    progress: Progress = lambda *_: None,
) -> FetchReport:
    """Save the ministry's press conferences that are listed and not held, under `<corpus>/fetched/<host>/`.

    Args:
        period: days wanted, by the listings; a listing page wholly before it ends that list. A transcript listed
            without a day is wanted.
        recheck: ask again for the transcripts that are held, and replace those that have changed.
        known: pages that are on record from elsewhere in the corpus: they count as held.
        backoff: seconds before the first retry of a request.
        progress: told (transcripts done, transcripts expected), the latter a growing estimate.

    Raises:
        FetchError: the site or the folder is out of reach, or none of the listings known is there. What was saved
            before stays, and the next fetch goes on from it.
    """
    base, host = site(settings.fetch_base)
    client = Client(
        _SAME_SITE if host in _SAME_SITE else frozenset({host}),
        rate=settings.fetch_rate,
        timeout=settings.fetch_timeout,
        attempts=settings.fetch_attempts,
        limit=settings.fetch_limit,
        backoff=backoff,
        contact=settings.fetch_contact,
    )
    with Folder(settings.corpus) as folder, client:
        return _Walk(client, folder, known, period or Period(), recheck, progress).run(base, MFA_LISTINGS[language])


class _Walk:
    """One fetch under way."""

    def __init__(
        self, client: Client, folder: Folder, known: Known, period: Period, recheck: bool, progress: Progress
    ) -> None:
        self._client = client
        self._folder = folder
        self._known = known
        self._period = period
        self._recheck = recheck
        self._progress = progress
        self._outcomes: dict[str, Outcome] = {}
        self._faults: list[Fault] = []
        self._absent: list[Fault] = []
        self._listings = 0
        self._repeated = 0
        self._unreachable = 0

    def run(self, base: str, layouts: tuple[tuple[str, ...], ...]) -> FetchReport:
        for layout in layouts:
            for path in layout:
                if self._walk(f"{base}{path}"):
                    break
        if not self._listings:
            reasons = "; ".join(sorted({fault.reason for fault in (*self._faults, *self._absent)}))
            raise FetchError(f"no listing known is at {base} ({reasons}). Check the setting fetch_base.")
        self._progress(len(self._outcomes), len(self._outcomes))
        return FetchReport(
            outcomes=tuple(self._outcomes.values()),
            listings=self._listings,
            repeated=self._repeated,
            faults=tuple(self._faults),
        )

    def _walk(self, first: str) -> bool:
        """Walk one list from its first page. Returns whether there is one at that address."""
        found = False
        for listing, remaining in self._listing_pages(first):
            found = True
            new = [link for link in listing.links if link.url not in self._outcomes]
            self._repeated += listing.repeated + len(listing.links) - len(new)
            expected = len(self._outcomes) + len(new) + remaining * len(listing.links)
            for link in new:
                self._outcomes[link.url] = self._take(link)
                self._progress(len(self._outcomes), expected)
        return found

    def _listing_pages(self, first: str) -> Iterator[tuple[Listing, int]]:
        """The pages of one list, newest first, each with how many are known to follow."""
        pages: int | None = None
        newer: dt.date | None = None
        failed = 0
        for number in range(_MOST_LISTINGS):
            if pages is not None and number >= pages:
                return
            url = listing_url(first, number)
            try:
                listing = self._read_listing(url, newer)
            except (RefusedError, FailedError) as error:
                fault = Fault(url=url, reason=str(error))
                lasting = not isinstance(error, TransientError)
                if lasting and (number == 0 or pages is None):
                    # No such list; or, where the number of pages is not stated, how a list ends.
                    self._absent.append(fault)
                    return
                self._faults.append(fault)
                failed += 1
                if pages is None or failed == _MOST_FAULTS:
                    return
                continue
            if pages is None and number and all(link.url in self._outcomes for link in listing.links):
                return
            failed = 0
            self._listings += 1
            pages = listing.pages or pages
            yield listing, max((pages or 0) - number - 1, 0)
            days = [link.date for link in listing.links if link.date]
            newer = days[-1] if days else newer
            if self._period.first and days and max(days) < self._period.first:
                return

    def _read_listing(self, url: str, newer: dt.date | None) -> Listing:
        """Get one listing page.

        Raises:
            RefusedError, FailedError: it cannot be had, or what came is no such listing: past its end, and where it
                has moved away, the site redirects to a page of its own instead of answering 404.
        """
        obtained = self._client.get_page(url)
        listing = read_listing(obtained.body or b"", url, obtained.url, newer)
        if all(link.unsafe for link in listing.links):
            moved = "" if obtained.url == url else f"it redirects to {obtained.url}, which "
            raise FailedError(f"{moved or 'it '}lists no transcript")
        return listing

    def _take(self, link: Link) -> Outcome:
        """What becomes of one listed transcript."""
        reason = None
        try:
            state: State = self._get(link)
        except RefusedError as error:
            state, reason = "refused", str(error)
        except FailedError as error:
            state, reason = "failed", str(error)
            unreachable = isinstance(error, TransientError) and error.unreachable
            self._unreachable = self._unreachable + 1 if unreachable else 0
        file = None if state == "outside" else self._folder.held(link.url) or self._known.get(_name(link.url))
        return Outcome(url=link.url, title=link.title, state=state, reason=reason, file=file)

    def _get(self, link: Link) -> State:
        """Get and keep one listed transcript, if it is wanted and not held.

        Raises:
            RefusedError, FailedError: it is not taken, or not given, for the reason in the message.
        """
        if link.unsafe:
            raise RefusedError(link.unsafe)
        self._client.require_host(link.url)
        first, last = self._period.first, self._period.last
        if link.date and ((first and link.date < first) or (last and link.date > last)):
            return "outside"
        if not self._recheck and (self._folder.held(link.url) or _name(link.url) in self._known):
            return "had"
        if self._unreachable >= _MOST_FAULTS:
            raise TransientError("not asked for: several pages before it found no connection", unreachable=True)
        version = self._folder.version(link.url)
        obtained = self._client.get_page(link.url, version.etag, version.last_modified)
        self._unreachable = 0
        if obtained.body is None:
            return "unchanged"
        if not is_transcript_path(urlsplit(obtained.url).path):
            raise RefusedError(f"it redirects to {obtained.url}, which is not a transcript")
        known = self._known.get(_name(link.url))
        if known and not self._folder.held(link.url) and known.is_file() and known.read_bytes() == obtained.body:
            return "unchanged"
        return "fetched" if self._folder.save(link.url, obtained) else "unchanged"


def _name(url: str) -> str:
    """The name of a page, which it keeps when the site's folders change."""
    return PurePosixPath(urlsplit(url).path).name.split(".")[0]
