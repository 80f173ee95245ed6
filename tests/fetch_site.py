"""A web server on the loopback that serves given pages at given paths, with faults on request."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Fault = Callable[[BaseHTTPRequestHandler, bytes], None]
"""Answers one request in place of the page whose bytes it is given."""

LISTED_EN = "/mfa_eng/xwfw_665399/s2510_665401/2511_665403"
LISTED_ZH = "/web/wjdt_674879/fyrbt_674889"
LISTED_BETWEEN = "/mfa_eng/xwfw_665399/s2510_665401/2511_665403"
LISTED_NOW = "/eng/xw/fyrbt/lxjzh"


class Site:
    """The pages of a site, the faults it still has to show, and what was asked of it."""

    def __init__(self, pages: dict[str, bytes] | None = None) -> None:
        self.pages = dict(pages or {})
        self.faults: dict[str, list[Fault | None]] = {}
        """Answers by path, used up one a request; None is a good answer. The last one stays."""
        self.validators = False
        self.delay = 0.0
        self._stopped = False
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A reader that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.base = f"http://{self.host}"

    def __enter__(self) -> Site:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take no more connections and answer nothing on those there are."""
        self._stopped = True
        self._server.shutdown()
        self._server.server_close()

    @property
    def asked(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(path for path, _ in self.requests)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if self._stopped:
            request.close_connection = True
            return
        path = request.path
        self.requests.append((path, dict(request.headers)))
        time.sleep(self.delay)
        body = self.pages.get(path)
        queue = self.faults.get(path, [None])
        fault = queue.pop(0) if len(queue) > 1 else queue[0]
        if fault:
            fault(request, body or b"")
        elif body is None:
            send(request, 404, b"<html>not here</html>")
        elif not self.validators:
            send(request, 200, body)
        else:
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if request.headers.get("If-None-Match") == etag:
                send(request, 304, b"")
            else:
                send(request, 200, body, {"ETag": etag, "Last-Modified": "Fri, 03 Jul 2020 10:00:00 GMT"})


def send(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: dict[str, str] | None = None,
    length: int | None = None,
) -> None:
    """Send a whole answer, with a false length if one is given."""
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    if status != 304:
        request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    request.wfile.write(body)
    if length is not None:
        request.close_connection = True


def status(code: int, **headers: str) -> Fault:
    """Answer with a status; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, _: send(request, code, b"<html>fault</html>", named)


def redirect(to: str) -> Fault:
    """Answer with a redirect."""
    return status(302, Location=to)


def shorter_than_stated(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """Half of the page under the length of the whole."""
    send(request, 200, body[: len(body) // 2], length=len(body))


def cut_off(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """Half of the page with no length to check, ended by closing the connection."""
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(body[: len(body) // 2])
    request.close_connection = True


def hang_up(request: BaseHTTPRequestHandler, body: bytes) -> None:
    """Close without an answer."""
    request.close_connection = True


def silent_for(seconds: float) -> Fault:
    """Say nothing for longer than the reader waits."""

    def answer(request: BaseHTTPRequestHandler, body: bytes) -> None:
        time.sleep(seconds)
        request.close_connection = True

    return answer


def transcript_page(name: str, day: str = "July 3, 2020", encoding: str = "utf-8", words: int = 40) -> bytes:
    """A small page in the archive's markup that reads as one press conference, unlike that of another name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    said = " ".join(digest[start : start + 5] for start in range(0, 60, 5))
    text = f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{conference(day)}</title></head><body>
<div class="content"><h2 class="title">{conference(day)}</h2>
<div id="News_Body_Txt_A"><p><strong>Q: What do you say about page {name}?</strong></p>
<p>A: We have noted {said}. {"It is known – and noted. " * words}</p></div></div></body></html>
"""
    return text.encode(encoding)


def listing_page(links: Iterable[tuple[str, str] | tuple[str, str, str]], pages: int | None = None) -> bytes:
    """A listing in the archive's markup: (link, title) or (link, title, text beside the link)."""
    items = "\n".join(
        f'<li><a href="{href}" target="_blank">{title}</a>{"".join(beside)}</li>' for href, title, *beside in links
    )
    count = f'<script type="text/javascript">\nvar countPage = {pages}//how many\n</script>' if pages else ""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>Regular Press Conference</title></head><body>
<a href="/mfa_eng/">Home</a><div class="newsLst_mod"><ul>{items}</ul></div>
<div id="pages">{count}</div></body></html>""".encode()


def conference(day: str) -> str:
    """A title as the English listings have it."""
    return f"Foreign Ministry Spokesperson Li Na's Regular Press Conference on {day}"


def small_site(transcripts: int = 6, per_listing: int = 3) -> Site:
    """A site in the archive's layout: July 2020 backwards, newest first."""
    names = [f"t{1790000 - number}.shtml" for number in range(transcripts)]
    days = [f"{dt.date(2020, 7, 28) - dt.timedelta(number):%B %-d, %Y}" for number in range(transcripts)]
    pages = {f"{LISTED_EN}/{name}": transcript_page(name, day) for name, day in zip(names, days, strict=True)}
    count = -(-transcripts // per_listing)
    for number in range(count):
        chunk = range(number * per_listing, min((number + 1) * per_listing, transcripts))
        links = [(f"./{names[index]}", conference(days[index])) for index in chunk]
        suffix = f"_{number}" if number else ""
        pages[f"{LISTED_EN}/default{suffix}.shtml"] = listing_page(links, count)
    return Site(pages)
