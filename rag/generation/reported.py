"""Reported speech by rule: the person of a statement shifted, its words kept.

Most statements of a press conference need no more than this ("We urge the US side to …" becomes "China urges the US
side to …"), and a rule cannot swap a subject, drop a "not" or add a fact. It makes a report only where it is
certain and otherwise makes none: the span is then left to the model (`rag.generation.restate`).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from rag.corpus.sentences import split_sentences
from rag.generation.fillers import FILLER
from rag.generation.lexicon import COMMON, COUNTRIES, PAST, VERBS
from rag.generation.openers import TO_KNOWLEDGE, declined, declines, opened, sentence_declines
from rag.generation.persons import third_person
from rag.generation.references import REACH, UNRESOLVED_START, dangling, mark_deictic, quote_first, unexplained

_LONG = 45
"""Words beyond which two clauses stay two sentences."""
_RELATIVE_DAYS = (
    (re.compile(r"\b[Tt]he day before yesterday(?!'s)"), "two days before"),
    (re.compile(r"\b[Tt]he day after tomorrow(?!'s)"), "two days later"),
    (re.compile(r"\b[Yy]esterday(?='s)"), "the previous day"),
    (re.compile(r"\b[Tt]omorrow(?='s)"), "the following day"),
    (re.compile(r"\b[Yy]esterday\b"), "the previous day"),
    (re.compile(r"\b[Tt]omorrow\b"), "the following day"),
    (re.compile(r"\b[Ll]ast night\b"), "the previous night"),
    (re.compile(r"^[Tt]his (?=morning\b|afternoon\b|evening\b)"), "the same "),
    (re.compile(r"\b[Tt]his (?=morning\b|afternoon\b|evening\b)"), "that "),
)
_SAYS_THAT = re.compile(r"\b(?:said|says|stated?s?|claims?|claimed|announced|admitted|argued?s?|told \w+) that\b")
_LEANS = re.compile(r"(?:he|she|they|it|its|his|her|their|this|that|these|those|such)\b")
_ENDS_POINTING = re.compile(r"\b(?:that|this|it|so|them)\.$")
_CONTRAST = re.compile(r"(?:But|However|Yet|Nevertheless|Nonetheless)\b")
_STUB = 8
"""Words up to which a sentence that ends by pointing back is told with the one before."""
_POINTS = re.compile(r"(?i:\b(?:he|she|they|him|them|it|its|his|her|their|this|these|those|such)\b|^that\b)")
_REPORTER_SAYS = re.compile(
    r"^(?:So )?[Yy]ou (?:just |also |have |have just )?(?:said|mentioned|asked|talked|claimed|quoted|cited)\b"
)
_CLAUSE = re.compile(r"\b(?:that|whether|if|how|why|what|who|when|where)\b")
_WHOLE = 8
"""Words from which on a sentence after "You mentioned the treaty." needs nothing from it."""
_PLAIN_ENDING = re.compile(
    r"(?:tions?|ments?|ness|ities|ism|ists|ous|ful|(?<!^Ita)(?<!^Ju)ly|(?<!^Boe)(?<![jqnpmlxy])ing)$|^(?:Twen|Thir|For|Fif|Six|Seven|Eigh|Nine)ty"
)
"""Endings of common nouns, adverbs and participles: place names end in -jing, -qing, -ning."""
_ADDRESSED = re.compile(
    r"\b[Pp]lease\b|^(?:What|How) (?:an? )?(?:ignorance|hypocrisy|shame|pity|irony|nonsense|arrogan|brazen)"
)
_BORROWED = re.compile(r"(?:To (?:quote|borrow)|In (?:his|her|its|their)(?: own)? words)\b")
"""What follows is in somebody else's words, and "its" is not the country's."""
_CALLS = (
    "No,",
    "Nope",
    "Please ",
    "Don't ",
    "Do not ",
    "Let ",
    "Take ",
    "Suffice ",
    "Shame ",
    "Heed ",
    "Get ",
)
_EXCLAIMED = re.compile(r"(?:Is|Are|Was|Were|Do|Does|Did|Has|Have|Can|Could|Will|Would|Should)(?:n['’]t| not)\b")
"""A question in form though it ends in "!": behind "said that" it would say the opposite."""
_VERBLESS = re.compile(r"(?:No need\b|Not (?:just|only|at all|to mention|even|surprisingly)\b)")
_OTHER_THAN_US = re.compile(
    r"(?:We|China|The Chinese side)\b(?: \w+)? (?P<verb>believe|think|hope|find|feel|see)s?(?: that)? it\b"
    r"(?! (?:is|was|will be|would be|has been|takes|can be|should be) "
    r"(?:in\b|\w+ (?:\w+ ){0,2}?(?:that|to|for|if|when)\b))"
)
"""In "we believe it owes us …" the "it" is somebody else; in "China believes it owes …" it would be China."""
_JUST_CALLS = re.compile(r"Just (?!as\b|like\b|a\b|last\b|this\b|recently\b|yesterday\b|today\b|because\b|one\b|two\b)")
_REPLY = 3
"""Words up to which what follows a question is the answer to it: "No.", "Of course not."."""
_PARTNER = re.compile(
    r"\b[Oo]ur (?:bilateral relationship|"
    r"two (?:sides|countries|peoples|nations|governments|leaders|presidents|heads of state|militaries))\b"
)
_BILATERAL = re.compile(r"\b[Oo]ur (bilateral (?:relations|ties|cooperation|trade|exchanges)\b)")
_BETWEEN_US = re.compile(
    r"\b([Ww]e)(?= (?:both |also |all |do )*"
    r"(?:(?:have|share) (?:\w+ )?(?:overlapping|common (?:interests|goals))\b(?!.*\bwith\b)|"
    r"can (?:come to|reach) (?:an )?agreement\b(?! with\b))(?!.*\b(?:we|our|us)\b))"
)
"""Who shares something, or comes to an agreement, is not the speaker's side alone; where others are named, or more is
said of "us", it is left to what follows.
"""
_OF_BOTH = re.compile(r"(?:China and|The two|Both|As two|We both|We two)\b")
_OF_US = re.compile(r"\bus\b")
"""After a sentence about two sides it may be both."""
_ADVERBS = r"(?:\w+ly |always |also |never )*"


class Part(NamedTuple):
    """A reported sentence and the characters `[start, end)` of the span that it tells."""

    sentence: str
    start: int
    end: int


def report(text: str, speaker: str | None, country: str) -> tuple[Part, ...] | None:
    """`text` (one to three sentences) in reported speech, word for word but for its person; None when uncertain."""
    who = speaker or "The spokesperson"
    if declines(text):
        given = declined(text, who)
        return (Part(given, 0, len(text)),) if given else None
    everything = [Part(" ".join(text[s.start : s.end].split()), s.start, s.end) for s in split_sentences(text)]
    if any(_takes_up_reporter(part, following) for part, following in pairwise([*everything, None])):
        return None
    said: list[Part] = []
    earlier: list[str] = []
    quoted = 0
    for part in _substance(everything):
        last = said[-1].sentence if said else ""
        if last.startswith(f"{who} asked: “") and last.endswith("?”") and len(part.sentence.split()) <= _REPLY:
            said[-1] = Part(f"{last} and answered: “{part.sentence}”", said[-1].start, part.end)
            continue
        both = _OF_BOTH.match(everything[everything.index(part) - 1].sentence) and _OF_US.search(part.sentence)
        made = None if both and said else _told(part.sentence, who, country, before=" ".join(earlier))
        earlier.append(part.sentence)
        if made is None:
            made = _quoted(part.sentence, who, "said")
            quoted += 1
        if made is None:
            return None
        said.append(part._replace(sentence=made))
    return None if 2 * quoted >= len(said) else tuple(_joined(said, who, text))


def _takes_up_reporter(part: Part | None, following: Part | None) -> bool:
    """Whether a sentence repeats the reporter's words and says more, or the next one points back at them."""
    if part is None or not _REPORTER_SAYS.match(opened(part.sentence)[0]):
        return False
    if following is None or not FILLER.match(part.sentence) or _CLAUSE.search(part.sentence):
        return True
    body = opened(following.sentence)[0]
    if len(body.split()) < _WHOLE:
        return True
    points = UNRESOLVED_START.match(body[:1].upper() + body[1:]) or _POINTS.search(body) or dangling(body)
    return bool(points) or "?" in body


def _substance(everything: list[Part]) -> list[Part]:
    """The sentences but for fillers and, beside others, for those that only decline."""
    kept = [part for part in everything if not FILLER.match(part.sentence)] or everything
    return [part for part in kept if not _only_declines(part.sentence)] or kept


def _only_declines(sentence: str) -> bool:
    """Whether a sentence declines and says nothing besides, not even why."""
    body = opened(sentence)[0]
    more = re.search(r"\b(?:[Aa]s|because|[Ss]ince)\b(?! (?:I|we)\b)|\band (?:I|we)\b", body)
    return sentence_declines(body) and not more


def _told(sentence: str, who: str, country: str, *, before: str) -> str | None:
    """A question as a question, a statement with its person shifted; `before`: the sentences told before it."""
    if "?" in sentence:
        return _quoted(opened(sentence)[0], who, "asked")
    return _shifted(sentence, who, country, before=before)


def _quoted(sentence: str, who: str, verb: str) -> str | None:
    """The sentence between quotation marks; marks of its own become single ones."""
    if sentence.count('"') % 2 or re.search(r"[‘“”]", sentence):
        return None
    inner = re.sub(r'"([^"]*)"', r"‘\1’", sentence)
    return f"{who} {verb}: “{inner}”"


def _shifted(sentence: str, who: str, country: str, *, before: str) -> str | None:
    body, frame = opened(sentence)
    body = _two_sides(body.replace("“", '"').replace("”", '"'))
    other = _OTHER_THAN_US.match(body)
    if other and not (before and other["verb"] == "hope"):  # "China hopes it will go well", after the talks were named
        return None
    if _untellable(body) or (not before and UNRESOLVED_START.match(body[:1].upper() + body[1:])):
        return None
    parts = body.split('"')
    told: list[str] = []
    for i, part in enumerate(parts):
        if i % 2:
            told.append(f"“{part}”")
            continue
        plain = third_person(part, "".join(parts[:i]), who, country)
        if plain is None:
            return None
        told.append(plain if before else mark_deictic(plain))
    text = "".join(told).strip()
    for phrase in [*([] if before else dangling(body)), *unexplained(body, before)]:
        text = text if f"“{phrase}”" in text else quote_first(text, phrase)
    for pattern, day in _RELATIVE_DAYS:
        text = pattern.sub(day, text)
    text = re.sub(r"([.!])”\.$", r"\1”", text.rstrip(" .;!") + ".")
    if frame == "said" and _told_already(text, who, country):
        return text[:1] + text[1:].replace(f" {who}", " the spokesperson")
    text = re.sub(rf"\b{re.escape(who)}\b", "the spokesperson", text)
    return f"{who} {frame}{'' if frame == TO_KNOWLEDGE else ' that'} {_lowered(text)}"


def _two_sides(body: str) -> str:
    """ "Our two countries" as "the two countries", where no two others are named that these could be."""
    named = {COUNTRIES[word] for word in re.findall(r"[A-Z][a-z]+|\b[A-Z]{2,}\b", body) if word in COUNTRIES}
    if len(named) > 1:
        return body
    body = _BETWEEN_US.sub('"we"', body)
    body = _BILATERAL.sub(lambda match: match[1] if match[0][0] == "o" else match[1].capitalize(), body)
    return _PARTNER.sub(lambda match: ("The" if match[0][0] == "O" else "the") + match[0][3:], body)


def _untellable(body: str) -> bool:
    """Whether a sentence cannot follow "… said that"."""
    return (
        len(body.split()) < 3
        or body.endswith(("…", "...", ":"))
        or body.startswith(_CALLS)
        or any(pattern.match(body) for pattern in (_JUST_CALLS, _EXCLAIMED, _VERBLESS))
        or body.count('"') % 2 == 1
        or bool(_ADDRESSED.search(body))
        or "?" in "".join(body.split('"')[::2])
        or bool(_BORROWED.match(body))
        or sentence_declines(body)
    )


def _told_already(text: str, who: str, country: str) -> bool:
    """Whether the sentence reports without "said that": "China urges …", "Lu Kang believes …"."""
    own = re.match(rf"{re.escape(who)} {_ADVERBS}(\w+)", text)
    if own:
        return own[1] in PAST - {"had", "did", "put", "set", "let", "read"} or own[1].endswith("ed")
    subject = rf"(?:{re.escape(country)}|The Chinese (?:side|government))"
    match = re.match(rf"{subject} {_ADVERBS}(\w+?)(e?)s\b", text)
    return bool(match and (match[1] in VERBS or match[1] + match[2] in VERBS) and match[1] not in ("ha", "i", "wa"))


def _lowered(text: str) -> str:
    """`text` with its first letter small, unless its first word is or may begin a name."""
    words = text.split(" ", 2)
    first = words[0].strip(",")
    ends = _PLAIN_ENDING.search(first)
    verb = first.lower().removesuffix("ing")
    if verb != first.lower() and {verb, verb + "e", verb[:-1]} & VERBS:
        return text[0].lower() + text[1:]
    plain = bool({first.lower(), first.lower().removesuffix("s")} & COMMON) or (
        ends and (words[0].endswith("ly,") or (words[1:] and (words[1][:1].islower() or words[1].startswith("“"))))
    )
    if not plain or first[1:2].isupper():
        return text
    article = words[0].lower() in (
        "the",
        "a",
        "an",
        "in",
        "on",
        "at",
        "as",
        "if",
        "for",
        "with",
        "to",
        "by",
        "from",
        "under",
    )
    names = (
        len(words) > 1
        and words[1][:1].isupper()
        and words[0].lower()
        in ("new", "local", "human", "good", "head", "former", "world", "black", "law", "outer", "press")
    )
    return text if names and not article else text[0].lower() + text[1:]


def _joined(told: list[Part], who: str, text: str) -> list[Part]:
    """Two short clauses under one "said that" become one sentence, and so does one that begins with a pronoun."""
    said, asked = f"{who} said that ", f"{who} asked: “"
    joined: list[Part] = []
    for part in told:
        sentence = part.sentence
        last = joined[-1].sentence if joined else ""
        clause = sentence.removeprefix(said)
        leans = _LEANS.match(clause)
        short = len(last.split()) + len(sentence.split()) <= _LONG and not re.search(r", (?:and|but) that ", last)
        # "… said that the minister said that …, and that …" would put the speaker's words into the minister's mouth.
        goes_on = bool(joined) and not text[joined[-1].end : part.start].strip()
        link = "but" if goes_on and _CONTRAST.match(text[part.start : part.end]) else "and"
        nested = bool(_SAYS_THAT.search(last.removeprefix(said)))
        if joined and len(clause.split()) <= _STUB and _ENDS_POINTING.search(clause) and "“" not in sentence:
            # "China regrets that." is nothing without the sentence before.
            both = f"{last[:-1]}, {link} {'that ' if clause != sentence else ''}{_lowered(clause)}"
        elif last.startswith(asked) and sentence.startswith(asked):
            both = f"{last[:-1]} {sentence.removeprefix(asked)}"
        elif (
            clause != sentence
            and re.match(rf"{re.escape(who)} \w+(?: out| clear)? that ", last)
            and (leans or short)
            and not nested
        ):
            clause = re.sub(r"^that(?= (?:is|was|will|has)\b)", "this", clause)
            clause = clause.removeprefix("yet ") if link == "but" else clause
            both = f"{last[:-1]}, {link} that {clause}"
        else:
            # A sentence that points back is supported only together with the one that it points to.
            points = joined and (_POINTS.search(clause[:REACH]) or dangling(clause))
            joined.append(part._replace(start=joined[-1].start) if points else part)
            continue
        joined[-1] = Part(both, joined[-1].start, part.end)
    return joined
