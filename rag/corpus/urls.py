"""The canonical address of a page, given or derived from where its file lies."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

_HOST = re.compile(r"(?:^|/)((?:www\.)?(?:fmprc|mfa)\.gov\.cn)/(.+)$")
_SITES = {
    "mfa_eng": "www.fmprc.gov.cn",
    "web": "www.fmprc.gov.cn",
    "eng": "www.mfa.gov.cn",
    "fyrbt_673021": "www.fmprc.gov.cn",
}
"""First folder of a mirrored page to the host it was served from."""
_INSIDE = re.compile(r"(?:^|/)((?:mfa_eng/xwfw|mfa_eng/wjdt|web/(?:wjdt|fyrbt)|eng/xw|fyrbt_673021/)[^?#]*)$")
_PAGE = re.compile(r"\.s?html?$")


def canonical(url: str) -> str:
    """`url` over https, with its host in lower case and without query and fragment."""
    parts = urlsplit(url.strip())
    scheme = "https" if parts.scheme in ("http", "https", "") else parts.scheme
    return urlunsplit((scheme, parts.netloc.lower(), parts.path, "", ""))


def derived(path: str) -> str | None:
    """The address of a page kept at its original path below some folder; None when the path does not show it."""
    path = PurePosixPath(path.replace("\\", "/").replace("!", "/")).as_posix()
    if not _PAGE.search(path):
        return None
    mirrored = _HOST.search(path)
    if mirrored:
        return canonical(f"https://{mirrored[1]}/{mirrored[2]}")
    inside = _INSIDE.search(path)
    if inside:
        return f"https://{_SITES[inside[1].split('/')[0]]}/{inside[1]}"
    return None


def is_listing(path: str) -> bool:
    """Whether a path is a listing page of the ministry's site, which links conferences and holds none."""
    return bool(re.fullmatch(r"(?:default|index)(?:_\d+)?\.s?html?", PurePosixPath(path.replace("\\", "/")).name))
