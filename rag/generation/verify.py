"""Checks a restated sentence must pass before it is shown. Each compares it with the words of its span only.

A check that is in doubt fails: the reader then gets the words themselves. `failures` names what failed, in the order
of the functions below, for the store and for measurement.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rag.generation.fillers import FILLER
from rag.generation.lexicon import CONTRACTED, FUNCTION, MODAL_FAMILIES, NEGATIONS, NUMBER_WORDS, REPORTING, STANCES
from rag.generation.openers import opened, sentences
from rag.generation.persons import SHARED
from rag.generation.references import OF_TIME, PRONOUN_OF_PERSON, REACH, dangling, told_open, unnamed
from rag.types import Record

COVERED = 0.6
"""Share of a span sentence's content words from which on it counts as told by the restated sentence."""
LEAST_QUOTED = 3
"""Content words that only a quotation holds, from which on telling them without quotation marks is a failure."""
TOLD = 0.45
"""Least share of the span's content words that a restatement keeps."""

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*|\d[\d,.]*\d|\d")
_QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"")
_FIRST = re.compile(r"\b(?:I|we|us|our|ours|ourselves|me|my|mine|myself|you|your|yours|I'm|let's)\b", re.IGNORECASE)
_THEY = re.compile(r"\b(?:they|them|their|theirs|themselves|he|his|him|she|her)\b", re.IGNORECASE)
_FILLERS = re.compile(
    r"\b(?:as I said|as I just said|here's what|I can tell|just now|the question you|relevant reports|took note "
    r"of the report|"
    r"thank(?:s|ed)? (?:you|the reporter) for)\b",
    re.IGNORECASE,
)
_DEICTIC = re.compile(
    r"\b(?:this|these|such)\b (?P<noun>[a-z][\w-]*\b)(?!(?: [a-z][\w-]*){0,2} (?:against|between|as)\b)", re.IGNORECASE
)
_OPENING = re.compile(
    r"(?:He|She|They|It|His|Her|Their|Its)\b(?! (?:is|was|takes|seems|has been|will be|would be)\b)", re.IGNORECASE
)
_QUESTION = re.compile(r"\b(?:ask(?:ed|s)?|wonder(?:ed|s)?|question(?:ed|s)?)\b")


class Frame(Record):
    """Who speaks and for whom: words of theirs may stand in the sentence without standing in the span."""

    speaker: str | None
    country: str
    answer: str = ""
    """The whole answer; a name in it may resolve a reference."""


def failures(sentence: str, span: str, frame: Frame) -> tuple[str, ...]:
    """Names of the checks that `sentence` fails against `span`; empty when it may be shown."""
    return tuple(name for name, passes in CHECKS.items() if not passes(sentence, span, frame))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A crude stem: enough to equate inflections ("opposes", "opposed", "opposing", "opposition" are kept apart)."""
    word = word.lower().replace("’", "'").removesuffix("'s").strip("'-")
    for ending, least in (("ies", 2), ("ied", 2), ("ing", 3), ("ed", 2), ("es", 3), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    word = re.sub(r"(?:e|y|i)$", "", word)
    return re.sub(r"([bdgmnprt])\1$", r"\1", word)


_TELLING = frozenset(map(stem, REPORTING)) - frozenset(map(stem, STANCES))
"""Verbs that tell and take no stance: the speaker's own whatever the span says."""


def words(text: str) -> list[str]:
    """Words and numbers in order."""
    return _WORD.findall(text)


def content(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(w) for w in words(text) if w.lower() not in FUNCTION and not w.endswith(("n't", "n’t"))]


def _outside_quotes(text: str) -> str:
    return _QUOTED.sub(" ", text)


def _told(sentence: str, span: str) -> list[str]:
    """The sentences of the span that the restated sentence tells."""
    have = set(content(sentence))
    told = []
    for part in _parts(span):
        own = set(content(part))
        if own and len(own & have) >= COVERED * len(own):
            told.append(part)
    return told


def _parts(span: str) -> list[str]:
    return [opened(sentence)[0] for sentence in sentences(span)]


def _complete(sentence: str, _span: str, _frame: Frame) -> bool:
    if re.search(r"\b(?:First|Second|Third|Fourth|Fifth), [\w-]+(?: [\w-]+){0,3}\.", sentence):
        return False
    return bool(re.search(r"[.!?]”?$", sentence)) and sentence.count("“") == sentence.count("”")


def _numbers(sentence: str, span: str, _frame: Frame) -> bool:
    def of(text: str) -> set[str]:
        text = re.sub(r"\btwo days (?:before|later)\b", "", text)
        found = {n.replace(",", "").rstrip(".") for n in re.findall(r"\d[\d,.]*", text)}
        return found | ({w.lower() for w in words(text)} & NUMBER_WORDS)

    return of(sentence) <= of(span)


def _names(sentence: str, span: str, frame: Frame) -> bool:
    known = {
        w.removesuffix("'s").removesuffix("’s")
        for w in words(f"{span} {frame.answer} {frame.speaker or ''} {frame.country}")
    }
    known |= {"Chinese", "Beijing", "The"}
    spoken = [w for w in words(_outside_quotes(sentence)) if w[0].isupper()]
    return all(w.removesuffix("'s").removesuffix("’s") in known or w.lower() in FUNCTION for w in spoken)


def verbatim(sentence: str, span: str) -> bool:
    """Whether what `sentence` holds between quotation marks are words of `span`."""
    flat = _flat(span)
    return all(_flat(a or b) in flat for a, b in _QUOTED.findall(sentence))


def _quotes(sentence: str, span: str, _frame: Frame) -> bool:
    if not verbatim(sentence, span):
        return False
    # Somebody else's words that the span quotes are not told as the spokesperson's own.
    outside = set(content(_outside_quotes(sentence)))
    plain = span.replace("“", '"').replace("”", '"')
    for part in (s for quoted in re.findall(r'"([^"]{40,})"', plain) for s in sentences(quoted)):
        own = set(content(part)) - set(content(_outside_quotes(plain)))
        if len(own) >= LEAST_QUOTED and len(own & outside) >= COVERED * len(own):
            return False
    return True


def _flat(text: str) -> str:
    """`text` without quotation marks, double or single, for comparison."""
    plain = re.sub(r"[\"“”‘]", "", text).replace("’", "'")
    return " ".join(re.sub(r"'(?!\w)|(?<!\w)'", "", plain).split()).lower()


def _no_new_words(sentence: str, span: str, frame: Frame) -> bool:
    known = set(content(span)) | {stem(w) for w in REPORTING}
    known |= {stem(w) for w in words(f"{frame.speaker or ''} {frame.country}")}
    names = {stem(w) for w in words(frame.answer) if w[0].isupper()}
    if re.search(r"\b[Yy]esterday\b|\b[Tt]omorrow\b|\b[Tt]oday\b", span):
        known |= {stem(w) for w in ("previous", "following", "day", "days", "two", "later")}
    if re.search(r"\b[Ll]ast night\b", span):
        known.add(stem("previous"))
    told = [w for w in words(sentence) if w.lower() not in FUNCTION and not w.endswith(("n't", "n’t"))]
    return all(stem(w) in known or (w[0].isupper() and stem(w) in names) for w in told)


def _third_person(sentence: str, span: str, _frame: Frame) -> bool:
    outside = _outside_quotes(sentence)
    if _FIRST.search(re.sub(r"\bUS\b", "", outside)):
        return False
    # "They" for "we" or "he" for "you" hides who is meant.
    return len(_THEY.findall(outside)) <= len(_THEY.findall(span))


def _negation(sentence: str, span: str, _frame: Frame) -> bool:
    told = _told(sentence, span)
    return bool(told) and _negations(sentence) == sum(_negations(part) for part in told)


def _negations(text: str) -> int:
    found = [w.lower().replace("’", "'") for w in words(text)]
    return sum(w in NEGATIONS or w.endswith("n't") for w in found)


def _modality(sentence: str, span: str, _frame: Frame) -> bool:
    def of(text: str) -> list[int]:
        text = re.sub(r"\b[Yy]ou (?:may|might|can|could|should|must|will)\b|\b(?:would|may) like to\b", "", text)
        kinds = [i for w in words(text) for i, family in enumerate(MODAL_FAMILIES) if _modal(w) in family]
        # "Will" is told as "would" after "said that".
        return sorted(0 if i == 1 else i for i in kinds)

    told = " ".join(_told(sentence, span))
    return of(sentence) == of(told)


def _modal(word: str) -> str:
    lower = word.lower().replace("’", "'")
    return {"won't": "will", "can't": "can", "cannot": "can"}.get(lower, lower.removesuffix("n't"))


def _stance(sentence: str, span: str, _frame: Frame) -> bool:
    stances = {stem(w) for w in STANCES}
    said, meant = set(content(sentence)) & stances, set(content(span)) & stances
    told = {s for part in _told(sentence, span) for s in content(part)} & stances
    free = {stem("believe"), stem("express")}
    return said - free <= meant and told - free <= said


def _subjects(sentence: str, span: str, frame: Frame) -> bool:
    """Each name is followed by the words that follow it in the span ("we" read as the country)."""
    if _takes_for_all(sentence, span, frame.country):
        return False
    plain = _in_third_person(span, frame.country)
    told = sentence.replace(frame.speaker or "The spokesperson", "Speaker")
    told = _in_third_person(told, frame.country)
    if "the spokesperson" not in span:
        told = re.sub(r"\bthe spokesperson\b", "Speaker", told)
    after = _following(plain)
    country = stem(frame.country)
    # "The resolution urges …" is not the speaker's own urging, nor "he exchanged views" the speaker's own exchange.
    acts = words(told)[1:] if told.startswith("Speaker ") else []
    verb = next((w for w in acts if w.lower() not in FUNCTION and not w.endswith("ly")), None)
    if verb and stem(verb) not in _TELLING:
        own = after.get("speaker", set()) | after.get(country, set())
        if stem(verb) not in own:
            return False
    return all(
        name == "speaker" or follows <= after[name] | {""} if name in after else name != country
        for part in sentences(told)
        for name, follows in _following(part).items()
    )


def _in_third_person(span: str, country: str) -> str:
    """The span with its first and second person and its relative days named, for comparison word by word."""
    plain = span.replace("’", "'")
    for short, full in CONTRACTED.items():
        plain = re.sub(rf"\b(I|[Ww]e){short}\b", rf"\1{full}", plain)
    for pattern, name in (
        (r"\b[Oo]ur\b", f"{country}'s"),
        (r"\b(?:[Ww]e|us|ourselves)\b", country),
        (r"\b(?:I|me|myself)\b", "Speaker"),
        (r"\b[Mm]y\b", "Speaker's"),
        (r"\b(?:[Tt]he day before )?[Yy]esterday\b", "previous day"),
        (r"\b[Tt]omorrow\b", "following day"),
        (r"\b[Ll]ast night\b", "previous night"),
        (r"\b[Yy]ou\b", "reporter"),
        (r"\b[Yy]our\b", "reporter's"),
    ):
        plain = re.sub(pattern, name, plain)
    return plain


def _takes_for_all(sentence: str, span: str, country: str) -> bool:
    """Whether an "our shared interests" or "we must" of several sides is told as the country's alone."""
    shared = [match[0].split(" ", 1)[1] for match in SHARED.finditer(span)]
    duties = re.findall(r"\b[Ww]e (must|should|need|have to|shall)\b", span)
    said = [f"{country}'s {noun}" for noun in shared] + [f"{country} {duty}" for duty in duties]
    return any(phrase in sentence for phrase in said)


def _following(text: str) -> dict[str, set[str]]:
    """For each capitalised word, the stems of the content word right after each of its occurrences."""
    found: dict[str, set[str]] = {}
    kept = [w for w in words(text) if w == "US" or w.lower() not in FUNCTION]
    for i, name in enumerate(kept):
        if name[0].isupper():
            following = next((w for w in kept[i + 1 :] if not w.endswith("ly")), "")
            found.setdefault(stem(name), set()).add(stem(following) if following else "")
    return found


def _questions(sentence: str, span: str, frame: Frame) -> bool:
    if "?" not in span:
        return f"{frame.speaker or 'The spokesperson'} asked" not in sentence
    asked = [part for part in _told(sentence, span) if "?" in part]
    return not asked or bool(_QUESTION.search(sentence)) or "?" in sentence


def _references(sentence: str, span: str, frame: Frame) -> bool:
    """A "this move" of the span's first sentence may stand in quotation marks only."""
    parts = _parts(span)
    unresolved = {m[0].lower() for m in _DEICTIC.finditer(parts[0][:REACH])} if parts else set()
    outside = _outside_quotes(sentence).lower()
    opening = _OPENING.match(parts[0] if parts else span)
    if opening and f" that {opening[0].lower()} " in outside:
        return False
    if PRONOUN_OF_PERSON.search(_outside_quotes(sentence)) and unnamed(span):
        return False
    # Behind "Li Ming said that" a "he" whom the sentence does not name is Li Ming.
    if unnamed(_outside_quotes(sentence).replace(frame.speaker or "The spokesperson", "")):
        return False
    # "It" and "that" also stand for no word at all ("it is clear that").
    if parts and any(told_open(sentence, phrase) for phrase in dangling(parts[0]) if phrase.startswith("the")):
        return False
    return not any(phrase in outside for phrase in unresolved if not OF_TIME.match(phrase[phrase.index(" ") :]))


def _substance(sentence: str, span: str, _frame: Frame) -> bool:
    if _FILLERS.search(_outside_quotes(sentence)):
        return False
    own = [set(content(part)) for part in _parts(span) if not FILLER.match(part)]
    wanted = set().union(*own) if own else set(content(span))
    return bool(wanted) and len(wanted & set(content(sentence))) >= TOLD * len(wanted)


def _reported(sentence: str, _span: str, frame: Frame) -> bool:
    speaker = frame.speaker or "The spokesperson"
    return sentence.startswith(
        (speaker, frame.country, f"The {frame.country}", "The Chinese", "Chinese", "The spokesperson")
    )


CHECKS: dict[str, Callable[[str, str, Frame], bool]] = {
    "unfinished": _complete,
    "not reported": _reported,
    "number": _numbers,
    "name": _names,
    "quotation": _quotes,
    "added words": _no_new_words,
    "person": _third_person,
    "negation": _negation,
    "modality": _modality,
    "stance": _stance,
    "subject": _subjects,
    "question asserted": _questions,
    "unresolved reference": _references,
    "filler or loss": _substance,
}
