"""Asks a web server for pages: politely, patiently, and only the server that was named."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.robotparser import RobotFileParser

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from rag.errors import FetchError
from rag.types import Record

AGENT = "OnRecord"
_LONGEST_PAUSE = 60.0
"""Seconds: neither a server's Retry-After or Crawl-delay nor our own backoff makes a reader wait longer per request."""
_MOST_REDIRECTS = 5
_SLOWEST = 10
"""A page may take this many times the timeout in all, so that a server that drips bytes cannot hold us."""
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_ROBOTS_LIMIT = 500_000
"""Bytes of a robots.txt that must be read (RFC 9309, section 2.5)."""


class RefusedError(Exception):
    """We will not take this page; the message says why."""


class FailedError(Exception):
    """The server did not give this page; the message says why. Asking again at once will not help."""


class TransientError(FailedError):
    """The server did not give this page but may the next time."""

    def __init__(self, reason: str, *, retry_after: float = 0.0, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.unreachable = unreachable
        """Whether no connection was made at all."""


class Obtained(Record):
    """A page as served."""

    url: str
    """Where it was found, after redirects on the same host."""
    body: bytes | None
    """None: it has not changed since the version that the request named."""
    etag: str | None = None
    last_modified: str | None = None


class Client:
    """HTTP GET with robots.txt, a rate limit, retries, a size limit and a list of hosts. Use as a context manager.

    Args:
        hosts: `host` or `host:port` of every server that may be asked; a redirect elsewhere is refused.
        rate: most requests per second; 0 sets no limit. A longer Crawl-delay in robots.txt wins.
        timeout: seconds to wait for a connection or for the next bytes.
        attempts: how often a request that fails in a way that may pass is made.
        limit: most bytes of a page.
        backoff: seconds before the second attempt, doubled for each one after.
        contact: mail or web address told in the User-Agent.
    """

    def __init__(
        self,
        hosts: frozenset[str],
        *,
        rate: float,
        timeout: float,
        attempts: int,
        limit: int,
        backoff: float = 1.0,
        contact: str | None = None,
    ) -> None:
        self._hosts = hosts
        self._interval = 1 / rate if rate else 0.0
        self._timeout = timeout
        self._limit = limit
        self._next_request = 0.0
        self._robots: dict[str, RobotFileParser] = {}
        self._retrying = Retrying(
            stop=stop_after_attempt(attempts),
            wait=_Wait(backoff),
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )
        about = "; ".join(filter(None, ("reads press-conference transcripts", contact)))
        # Bytes are wanted as the server keeps them, and a length that can be checked.
        headers = {"User-Agent": f"{AGENT} ({about})", "Accept-Encoding": "identity"}
        self._http = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get_page(self, url: str, etag: str | None = None, last_modified: str | None = None) -> Obtained:
        """Get one whole HTML page, or learn that it is still the version named by `etag` or `last_modified`.

        Raises:
            RefusedError: robots.txt, the host, a redirect or the size forbids it.
            FailedError: the server does not have it; TransientError: it failed every attempt.
            FetchError: robots.txt cannot be had, so nothing may be asked for.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        known = {name: value for name, value in headers.items() if value}

        def attempt() -> Obtained:
            obtained = self._follow(url, known, self._limit, robots=True)
            if obtained.body is not None and b"</html" not in obtained.body[-4096:].replace(b"\0", b"").lower():
                raise TransientError(f"the page is cut off after {len(obtained.body):,} bytes")
            return obtained

        return self._retrying(attempt)

    def _follow(self, url: str, headers: Mapping[str, str], limit: int, *, robots: bool) -> Obtained:
        """One request and the redirects it leads to, each of them checked as the first was."""
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(url, robots=robots)
            obtained = self._once(url, headers, limit)
            if isinstance(obtained, Obtained):
                return obtained
            url = obtained
        raise RefusedError(f"more than {_MOST_REDIRECTS} redirects")

    def require_host(self, url: str) -> httpx.URL:
        """Raise RefusedError unless an address is on a host that may be asked."""
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise RefusedError(f"malformed address {url!r}") from error
        host = address.netloc.decode("ascii")
        if address.scheme not in {"http", "https"} or address.userinfo or host not in self._hosts:
            raise RefusedError(f"{url} is not on a configured host ({', '.join(sorted(self._hosts))})")
        return address

    def _check(self, url: str, *, robots: bool) -> None:
        address = self.require_host(url)
        if robots and not self._robots_of(address).can_fetch(AGENT, url):
            raise RefusedError("robots.txt forbids it")

    def _once(self, url: str, headers: Mapping[str, str], limit: int) -> Obtained | str:
        """One request: the page, or the address that it redirects to."""
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        began = time.monotonic()
        self._next_request = began + self._interval
        try:
            with self._http.stream("GET", url, headers=dict(headers)) as response:
                if response.has_redirect_location:
                    return str(response.url.join(response.headers["Location"]))
                if response.status_code == 304 and headers:
                    return Obtained(url=url, body=None)
                _require_ok(response)
                return Obtained(
                    url=url,
                    body=_read(response, limit, began + _SLOWEST * self._timeout),
                    etag=response.headers.get("ETag"),
                    last_modified=response.headers.get("Last-Modified"),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TransientError(f"no connection: {error}", unreachable=True) from error
        except httpx.TimeoutException as error:
            raise TransientError(f"no answer within {self._timeout:g} seconds") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise TransientError(f"the transfer broke off: {error}") from error
        except httpx.InvalidURL as error:
            raise RefusedError("it redirects to a malformed address") from error

    def _robots_of(self, address: httpx.URL) -> RobotFileParser:
        """The rules of an address's server, asked for once."""
        root = f"{address.scheme}://{address.netloc.decode('ascii')}"
        if root not in self._robots:
            rules = RobotFileParser()
            rules.parse(self._robots_lines(f"{root}/robots.txt"))
            delay = rules.crawl_delay(AGENT)
            self._interval = max(self._interval, min(float(delay or 0), _LONGEST_PAUSE))
            self._robots[root] = rules
        return self._robots[root]

    def _robots_lines(self, url: str) -> list[str]:
        """The lines of a robots.txt. One that is not there, or leads elsewhere, sets no rules (RFC 9309, 2.3.1)."""
        try:
            obtained = self._retrying(self._follow, url, {}, _ROBOTS_LIMIT, robots=False)
        except TransientError as error:
            raise FetchError(
                f"{url} cannot be read ({error}), so it is not known what may be fetched. "
                "Check the connection and the setting fetch_base, or try again later."
            ) from error
        except (FailedError, RefusedError):
            return []
        return (obtained.body or b"").decode("utf-8-sig", errors="replace").splitlines()


class _Wait(wait_exponential):
    """Backoff that doubles, or what the server asked for when that is longer."""

    def __init__(self, backoff: float) -> None:
        super().__init__(multiplier=backoff, max=_LONGEST_PAUSE)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.retry_after if isinstance(error, TransientError) else 0.0
        return max(super().__call__(retry_state), asked)


def site(base: str) -> tuple[str, str]:
    """A base address in normal form, and its `host` or `host:port` as clients know it.

    Raises:
        FetchError: it is not the address of a site.
    """
    try:
        address = httpx.URL(base)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host or address.userinfo or address.query:
        raise FetchError(f"fetch_base is {base!r}: give a scheme and a host, such as https://example.org")
    host = address.netloc.decode("ascii")
    return f"{address.scheme}://{host}{address.path.rstrip('/')}", host


def _require_ok(response: httpx.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    reason = f"HTTP {status} {response.reason_phrase}".strip()
    if status not in _TRANSIENT_STATUS:
        raise FailedError(reason)
    asked = response.headers.get("Retry-After", "")
    raise TransientError(reason, retry_after=min(float(asked), _LONGEST_PAUSE) if asked.isdecimal() else 0.0)


def _read(response: httpx.Response, limit: int, deadline: float) -> bytes:
    """The body, given up as soon as it is too large or too slow. A body short of its length raises in httpx."""
    stated = response.headers.get("Content-Length", "")
    body = bytearray()
    if stated.isdecimal() and int(stated) > limit:
        raise RefusedError(f"{int(stated):,} bytes is more than the limit of {limit:,}")
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            raise RefusedError(f"more than the limit of {limit:,} bytes")
        if time.monotonic() > deadline:
            raise TransientError("it came too slowly")
    return bytes(body)
