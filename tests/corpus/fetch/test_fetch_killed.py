"""A fetch killed at any moment: what it said was done is on disk and whole, and the next one finishes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_site import LISTED_EN, Site, cut_off, small_site, status
from killing import KILLS

from rag.corpus.fetch import FetchReport

Fetch = Callable[..., FetchReport]

SCRIPT = """
import sys
from pathlib import Path
from rag.config import Settings
from rag.corpus.fetch import fetch_mfa

settings = Settings(fetch_base=sys.argv[1], corpus=Path(sys.argv[2]), fetch_rate=0)
fetch_mfa(settings, backoff=0.01, progress=lambda done, total: print(done, flush=True))
"""


def start(site: Site, corpus: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", SCRIPT, site.base, str(corpus)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def pages_on_disk(fetched: Path) -> dict[str, bytes]:
    """By path on the site; what is hidden is not a page."""
    files = [file for file in fetched.rglob("t*.shtml") if not file.name.startswith(".")]
    return {f"/{'/'.join(file.relative_to(fetched).parts[1:])}": file.read_bytes() for file in files}


@pytest.mark.parametrize("seed", range(5, 5 + max(1, KILLS // 8)))
def test_kill_then_resume(fetch: Fetch, fetched: Path, seed: int) -> None:
    moment = random.Random(seed)
    with small_site(40, 10) as site:
        site.delay = 0.002
        for path in list(site.pages)[3:40:9]:
            site.faults[path] = [status(500), cut_off, None]
        said = 0
        for _ in range(8):
            process = start(site, fetched.parent)
            assert process.stdout
            until = len(pages_on_disk(fetched)) + moment.randint(1, 4)
            while said < until:
                said = int(process.stdout.readline())
            time.sleep(moment.random() / 50)
            process.kill()
            process.wait()
            process.stdout.close()
            held = pages_on_disk(fetched)
            assert len(held) >= said
            assert all(site.pages[path] == body for path, body in held.items())
        asked_before, held = site.asked, pages_on_disk(fetched)
        report = fetch(site)
        assert report.counts["had"] == len(held)
        assert report.counts["fetched"] == 40 - len(held) > 0
        assert all(site.asked[path] == asked_before[path] for path in held)
        assert pages_on_disk(fetched) == {path: page for path, page in site.pages.items() if "/t1" in path}
    assert not list(fetched.rglob("*.part"))


def test_a_second_fetch_is_told_while_one_runs_and_not_after_a_kill(fetch: Fetch, fetched: Path) -> None:
    with small_site(20, 20) as site:
        site.faults[f"{LISTED_EN}/t1789990.shtml"] = [lambda *_: time.sleep(5)]
        process = start(site, fetched.parent)
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        refused = start(site, fetched.parent)
        assert refused.wait() != 0
        assert refused.stdout
        assert refused.stdout.read() == ""
        refused.stdout.close()
        process.kill()
        process.wait()
        process.stdout.close()
        site.faults.clear()
        assert sum(fetch(site).counts.values()) == 20
