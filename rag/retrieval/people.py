"""Finds the spokesperson and the outlet that a question names, misspelt too, among those on record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from rag.corpus.bilingual import counterpart
from rag.indexing.fulltext import cjk_characters

_WORD = re.compile(r"[^\W\d_]+")
_TITLE = (
    r"(?:mr|ms|mrs|miss|madam|sir|spokes(?:man|woman|person)|foreign ministry spokes(?:man|woman|person)|"
    r"deputy director(?: general)?|director(?: general)?)\.?"
)
_ABOUT_BEFORE = re.compile(
    r"\b(?:about|regarding|concerning|against|who is|who was|accus\w+|critici[sz]\w+|mock\w*|praise\w*|replac\w+|"
    r"succeed\w*|appoint\w*|promot\w+|sanction\w*)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(
    r"^(?:(?:['’]s?)?\s+(?:\w+\s+)?(?:tweets?|twitter|accounts?|posts?|posting|appointment|promotion|career|background|"
    r"biography|successor|departure|retirement|visit|trip|article|book|allegation|theory)\b|\s+(?:tweet(?:s|ed|ing)?|retweet\w*|"
    r"(?:(?:was|is|got|been|be)\s+)?(?:appointed|promoted|replaced|sacked|retired|transferred|an?))\b)",
    re.IGNORECASE,
)
_CHINESE_ABOUT_AFTER = re.compile(
    r"(?:的)?(?:推特|推文|账号|帐号|发帖|任命|履历|简历|升迁|离任|卸任|继任|接任|出访|文章|新书|言论引发)|被(?!问)|是谁|是什么人"
)
_CHINESE_ABOUT_BEFORE = re.compile(r"(?:批评|指责|嘲讽|抨击|任命|接替|制裁|起诉|针对)$")
_CHINESE_TITLE = r"(?:新闻)?发言人|副?司长|女士|先生|同志|大使|副部长|部长助理"
_CHINESE_OFFICE = re.compile(rf"(?:(?:中国)?外交部)?(?:新闻司)?(?:{_CHINESE_TITLE})\s?$")
_SPEAKING = (
    r"(?:said|say|says|saying|tell|told|tells|on|about|respond\w*|repl\w+|answer\w*|comment\w*|react\w*|explain\w*|"
    r"den\w+|remark\w*|statement\w*)"
)


class Named(NamedTuple):
    """A name on record and the characters of the question that name it."""

    name: str
    start: int
    end: int


def find_speakers(question: str, speakers: Sequence[str]) -> list[Named]:
    """Spokespersons whose words are asked for, in the order of the question; each once.

    A person on record who is what the question is about ("Zhao Lijian's tweet") is not one of them. One who is on
    record under a name in the other language only is found by either.
    """
    found: dict[str, Named] = {}
    for speaker in speakers:
        named = _full_name(question, speaker) or _titled(question, speaker, speakers)
        other = counterpart(speaker)
        if named is None and other and other not in speakers and (alias := _full_name(question, other)):
            named = alias._replace(name=speaker)
        if named and not _is_topic(question, named):
            found[speaker] = named
    return sorted(found.values(), key=lambda named: named.start)


_DAY_BETWEEN = r"(?:(?:在|于)?[\d０-９〇零一二三四五六七八九十年月日号初中下旬上底]{2,12}(?:的)?(?:时|当天)?)?"
"""A date may stand between who asked and that he did ("路透社5月6日提问")."""


def find_outlet(question: str, outlets: Sequence[str]) -> Named | None:
    """The outlet whose reporter asked, when the question says so ("asked by Reuters", "in reply to AFP")."""
    for outlet in sorted(outlets, key=lambda name: len(_short(name)), reverse=True):
        name = rf"(?:the\s+)?(?P<outlet>{re.escape(_short(outlet))}(?:\s+(?:News|Agency))*)"
        journalist = r"(?:['’]s)?(?:\s+(?:reporter|journalist|correspondent))?"
        pattern = (
            rf"\b(?:asked|raised|posed|put)\s+by\s+(?:an?\s+)?{name}\b(?:\s+(?:reporter|journalist|correspondent))?"
            rf"|\bquestions?\s+(?:from|by|of)\s+(?:an?\s+)?{name.replace('outlet', 'second')}\b"
            rf"|\b{name.replace('outlet', 'third')}{journalist}(?:['’]s)?\s+(?:asked|questions?)\b"
            rf"|\b(?:repl(?:y|ies|ied|ying)|answer(?:s|ed|ing)?|told|tell)\s+(?:to\s+)?(?:an?\s+)?"
            rf"{name.replace('outlet', 'fourth')}\b(?!['’]s)"
        )
        name = rf"《?{re.escape(outlet)}》?(?:的)?(?:记者)?(?:的)?{_DAY_BETWEEN}"
        chinese = rf"(?:答|回答|答复|回应|应询)(?:了)?{name}(?:提问|问题|问)|{name}(?:提问|追问|问到|问及|问(?!题))"
        match = re.search(chinese if cjk_characters(outlet) else pattern, question, re.IGNORECASE)
        if match:
            return Named(outlet, match.start(), match.end())
    return None


def _short(outlet: str) -> str:
    """The name as people say it: "Xinhua" for Xinhua News Agency."""
    return re.sub(r"(?<=\w)(?:\s+(?:News|Agency))+$", "", outlet)


def _full_name(question: str, speaker: str) -> Named | None:
    """The whole name, in either order, joined or not, with a slip or two."""
    parts = [part.lower() for part in _WORD.findall(speaker)]
    if len(parts) < 2:
        start = question.find(speaker)
        return _with_titles(question, Named(speaker, start, start + len(speaker))) if speaker and start >= 0 else None
    words = list(_WORD.finditer(question))
    joined = "".join(parts)
    slips = 1 if len(joined) <= 8 else 2
    best: tuple[int, Named] | None = None
    for position, word in enumerate(words):
        windows = [([word.group().lower()], word.end())]
        if position + 1 < len(words) and re.fullmatch(r"[\s-]+", question[word.end() : words[position + 1].start()]):
            windows.append(([word.group().lower(), words[position + 1].group().lower()], words[position + 1].end()))
        third = words[position + 1 : position + 3]
        if len(third) == 2 and "".join(w.group().lower() for w in (word, *third)) == joined:
            return Named(speaker, word.start(), third[-1].end())
        for window, end in windows:
            for order in (parts, parts[::-1]):
                distance = _slips(window, order)
                if distance is not None and distance <= slips and (best is None or distance < best[0]):
                    best = (distance, Named(speaker, word.start(), end))
    return best[1] if best else None


def _with_titles(question: str, named: Named) -> Named:
    """A Chinese name with the office before it and the form of address after it."""
    office = _CHINESE_OFFICE.search(question[: named.start])
    address = re.match(rf"\s?(?:{_CHINESE_TITLE})", question[named.end :])
    start = office.start() if office else named.start
    return named._replace(start=start, end=named.end + (address.end() if address else 0))


def _slips(window: list[str], parts: list[str]) -> int | None:
    """Edits between the words of a window and a name; None when they cannot be the same name."""
    if len(window) == 1:
        distance = OSA.distance(window[0], "".join(parts))
        return distance if distance <= 1 else None
    if len(window) != len(parts):
        return None
    # A short word that differs in its first letter is another name (Lu Kang, Wu Gang).
    if any(word[0] != part[0] for word, part in zip(window, parts, strict=True)):
        return None
    each = [OSA.distance(word, part) for word, part in zip(window, parts, strict=True)]
    return None if any(slip > max(1, len(part) // 3) for slip, part in zip(each, parts, strict=True)) else sum(each)


def _titled(question: str, speaker: str, speakers: Sequence[str]) -> Named | None:
    """ "Mr Geng" or "耿发言人", when only one spokesperson has that family name."""
    if cjk_characters(speaker):
        if sum(other[0] == speaker[0] for other in speakers) > 1:
            return None
        match = re.search(rf"{speaker[0]}(?:{_CHINESE_TITLE})", question)
        return Named(speaker, match.start(), match.end()) if match else None
    family = speaker.partition(" ")[0]
    if " " not in speaker or sum(other.partition(" ")[0] == family for other in speakers) > 1:
        return None
    match = re.search(rf"\b{_TITLE}\s+{re.escape(family)}\b(?!\s+(?-i:[A-Z]))", question, re.IGNORECASE)
    if match:
        return Named(speaker, match.start(), match.end())
    given = speaker.rpartition(" ")[2]
    match = (
        re.search(rf"\b{re.escape(given)}\b(?=(?:['’]s?)?\s+{_SPEAKING})", question, re.IGNORECASE)
        if len(given) >= 5
        else None
    )
    return Named(speaker, match.start(), match.end()) if match else None


def _is_topic(question: str, named: Named) -> bool:
    before, after = question[: named.start], question[named.end :]
    if cjk_characters(named.name):
        return bool(_CHINESE_ABOUT_AFTER.match(after) or _CHINESE_ABOUT_BEFORE.search(before))
    return bool(_ABOUT_AFTER.match(after) or (_ABOUT_BEFORE.search(before) and not re.match(r"\s+said", after)))
