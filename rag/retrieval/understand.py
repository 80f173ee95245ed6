"""From a question as typed to a `Query`: period, spokesperson, outlet, and the topic without them.

Rules, not a model: what was understood can be read, shown and mended, and it costs no time. A wrong guess must not hide
the answer, so a limit that leaves next to nothing is widened and the reader is told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.corpus.bilingual import counterpart, names_in
from rag.corpus.language import language_name
from rag.errors import QueryError
from rag.indexing.fulltext import cjk_characters
from rag.retrieval.chinese import is_chinese, without_asking
from rag.retrieval.chinese_periods import find_chinese_period
from rag.retrieval.followups import leans_on_history, points_at_history
from rag.retrieval.lexical import terms
from rag.retrieval.people import Named, find_outlet, find_speakers
from rag.retrieval.periods import find_period
from rag.retrieval.vocabulary import vocabulary
from rag.types import Filters, Period, Query

if TYPE_CHECKING:
    from rag.indexing.store import Index

LONGEST_QUESTION = 4000
"""Characters. A longer text is a document, not a question, and would drown its own topic."""
FEWEST_EXCHANGES = 5
"""A derived limit that leaves fewer is widened."""
SAME_LANGUAGE = "Transcripts in {} were searched, the question's language; a language filter searches the others."
NO_TRANSCRIPTS = "No transcript in {} is on record."
NAMES_ONLY = "The question is in another language; {} transcripts were searched for the names in it: {}."
MARGIN = dt.timedelta(days=31)

_LATEST = re.compile(
    r"\b(?:latest|newest|most\s+recent(?:ly)?)\b(?=(?:\s+\w+){0,3}\s+(?:statements?|remarks?|comments?|repl(?:y|ies)|answers?|"
    r"responses?|reactions?|positions?|stances?|views?|words?|lines?|said|says?|on|about|regarding)\b)"
    r"|\b(?:latest|most\s+recently|newest)\s*\??$|最新|最近",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    r"^\W*(?:hi|hello|hey|please|thanks?|thank\s+you|(?:can|could|would)\s+you\s+(?:please\s+)?(?:tell\s+me|explain|say|summari[sz]e)|"
    r"(?:please\s+)?tell\s+me|i(?:['’]d|\s+would)\s+like\s+to\s+know|i\s+want\s+to\s+know|do\s+you\s+know)\b[\s,:]*",
    re.IGNORECASE,
)
_WHO = r"(?:china|beijing|they|(?:the\s+)?(?:chinese\s+)?(?:foreign\s+)?(?:ministry|spokes\w+|side|government|mfa))"
_FRAME = re.compile(
    rf"^(?:what|how)\s+(?:did|does|do|has|have|was|were|is|are)\s+(?:{_WHO}(?:['’]s)?\s+)?"
    r"(?:(?:say|said|tell(?:\s+\w+)?|told(?:\s+\w+)?|comment|think|respond|react|been\s+said|explain|describe)\s+)"
    r"(?:(?:about|on|to|regarding|of)\s+)?"
    rf"|,?\s*\b(?:what\s+(?:does|did|do)\s+{_WHO}\s+say|according\s+to\s+{_WHO})(?=\W*$)"
    r"|^(?:china|beijing)['’]s\s+(?:position|view|stance|reaction|response|comments?|line|attitude)\s+(?:on|to|about|towards?)\s+",
    re.IGNORECASE,
)
"""Words that ask for a statement and say nothing of its topic."""
_DANGLING = re.compile(r"\b(?:in|on|since|during|from|between|by|as\s+of|of|the|and|,)\s*(?=[?.,;:!]|$)", re.IGNORECASE)


def understand(question: str, history: Sequence[str], filters: Filters, index: Index) -> Query:
    """What a question asks for.

    Args:
        question: as typed.
        history: earlier questions of the conversation, oldest first.
        filters: set by the reader; each wins over what the question names.
        index: whose speakers, outlets and days are known.

    Raises:
        QueryError: the question is empty or longer than `LONGEST_QUESTION`.
    """
    text = " ".join(question.replace("\0", " ").split())
    if not re.search(r"\w", text):
        raise QueryError("the question is empty. Type what you want to know, for example: what was said about Huawei?")
    if len(text) > LONGEST_QUESTION:
        raise QueryError(f"the question has {len(text)} characters; at most {LONGEST_QUESTION} can be searched for.")
    notes: list[str] = []
    derived, topic = _derive(text, filters, index, notes)
    merged, widened = _merge(filters, derived, index)
    earlier = next((item for item in reversed(history) if item.strip()), None)
    context = _derive(" ".join(earlier.split()), filters, index, [])[1] if earlier and leans_on_history(text) else None
    return Query(
        question=question,
        topic=topic,
        filters=merged,
        context=context,
        standalone=f"{text} (after: {earlier})" if context else None,
        latest=_LATEST.search(text) is not None,
        notes=(*notes, *widened),
    )


def by_itself(query: Query) -> Query | None:
    """The query by its own words alone, for a follow-up that nothing answers together with the question before.

    "and that court ruling on the Chagos islands?" asks about something new. None when it leans on nothing, or says by a
    word like "their" that it leans on the question before.
    """
    if query.context is None or points_at_history(query.topic):
        return None
    note = "Together with the question before, nothing answers this; it was searched by its own words."
    return query.model_copy(update={"context": None, "standalone": None, "notes": (*query.notes, note)})


def beyond_period(query: Query, filters: Filters) -> Query | None:
    """The query over all days, for one that nothing answers in the period its words name; None when it has none.

    "their call of 21 January" names the day of what happened, which may have been spoken of months later.

    Args:
        query: as understood.
        filters: set by the reader: a period among them stays.
    """
    period = query.filters.period
    if period is None or filters.period is not None:
        return None
    note = f"Nothing from {_named(period)} answers this; the whole record was searched."
    wider = query.filters.model_copy(update={"period": None})
    return query.model_copy(update={"filters": wider, "notes": (*query.notes, note)})


def _derive(text: str, explicit: Filters, index: Index, notes: list[str]) -> tuple[Filters, str]:
    """What the words limit the search to, and the topic that is left."""
    days, today = index.date_range(), dt.datetime.now(tz=dt.UTC).date()
    # Each reads the figures of the other's: the question's own language comes first.
    readers = [find_chinese_period, find_period] if is_chinese(text) else [find_period, find_chinese_period]
    period = next((found for read in readers if (found := read(text, days, today))), None)
    language = None if explicit.language else _language(text, index, notes)
    names = index.speakers()
    speakers = [_in(explicit.language or language, named, names) for named in find_speakers(text, names)]
    outlet = find_outlet(text, index.outlets())
    cuts = [(found.start, found.end) for found in (period, outlet, *speakers) if found is not None]
    if len(speakers) > 1:
        notes.append(f"Several spokespersons are named ({', '.join(s.name for s in speakers)}): all are searched.")
    derived = Filters(
        period=period.period if period else None,
        speaker=speakers[0].name if len(speakers) == 1 else None,
        asked_by=outlet.name if outlet else None,
        language=language,
    )
    topic = _spelt(_topic(text, cuts), index, notes)
    target = explicit.language or language
    if target and (target == "zh") != is_chinese(text) and (names_there := names_in(topic, target)):
        notes.append(NAMES_ONLY.format(language_name(target), ", ".join(names_there)))
        topic = " ".join(names_there)
    return derived, topic


def _spelt(topic: str, index: Index, notes: list[str]) -> str:
    """The topic with misspelt words as they were meant: neither BM25 nor the embedding model knows a slip."""
    words = vocabulary(index)
    meant = {word: right for word in terms(topic) if (right := words.correction(word))}
    for word, right in meant.items():
        topic = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", right, topic, flags=re.IGNORECASE)
        notes.append(f'"{word}" is not on record; "{right}" was searched.')
    return topic


def _language(text: str, index: Index, notes: list[str]) -> str | None:
    """The language whose transcripts are searched, where the record holds others than the question's."""
    languages = index.languages()
    asked = "zh" if is_chinese(text) else "en"
    others = [language for language in languages if language != asked]
    if not others:
        return None
    if asked in languages:
        notes.append(SAME_LANGUAGE.format(language_name(asked)))
        return asked
    notes.append(NO_TRANSCRIPTS.format(language_name(asked)))
    return others[0] if len(others) == 1 else None


def _in(language: str | None, named: Named, speakers: Sequence[str]) -> Named:
    """The spokesperson under the name that the transcripts of that language use."""
    other = counterpart(named.name)
    fits = bool(cjk_characters(named.name)) == (language == "zh")
    return named if language is None or fits or other not in speakers or other is None else named._replace(name=other)


def _topic(text: str, cuts: list[tuple[int, int]]) -> str:
    """The question without the given ranges and without pleasantries; the whole question when nothing is left."""
    rest, cut = text, len(text)
    for start, end in sorted(cuts, key=lambda place: (-place[1], place[0])):
        # One may lie in another: a day between an outlet and that it asked.
        if start < cut:
            rest, cut = f"{rest[:start]} {rest[min(end, cut) :]}", start
    if is_chinese(rest):
        return without_asking(rest).strip(" ,;:，。；：、?？") or text
    rest = _PLEASANTRY.sub("", " ".join(rest.split()))
    bare = _FRAME.sub("", rest)
    rest = bare if re.search(r"\w{2,}", bare) else rest
    rest = re.sub(r"\s+([?.,;:!])", r"\1", _DANGLING.sub("", rest)).strip(" ,;:-–")
    rest = re.sub(r"^['’]s\s+", "", rest)
    return rest if len(re.findall(r"\w{2,}", rest)) >= 1 else text


def _merge(explicit: Filters, derived: Filters, index: Index) -> tuple[Filters, list[str]]:
    """Explicit filters completed by derived ones, which give way where they leave too little."""
    fields = {name: getattr(explicit, name) or getattr(derived, name) for name in Filters.model_fields}
    merged = Filters(**fields)
    notes: list[str] = []
    for name in ("asked_by", "language", "period", "speaker"):
        guess = getattr(derived, name)
        if guess is None or getattr(explicit, name) is not None:
            continue
        if index.count_matching(merged)[1] >= FEWEST_EXCHANGES:
            break
        wider = _around(guess) if name == "period" else None
        candidate = merged.model_copy(update={name: wider})
        if wider is not None and index.count_matching(candidate)[1] < FEWEST_EXCHANGES:
            candidate = merged.model_copy(update={name: None})
            wider = None
        if index.count_matching(candidate)[1] > index.count_matching(merged)[1]:
            notes.append(_widened(name, guess, wider))
            merged = candidate
    return merged, notes


def _around(period: Period) -> Period:
    return Period(
        first=period.first - MARGIN if period.first else None,
        last=period.last + MARGIN if period.last else None,
    )


def _widened(name: str, guess: object, wider: Period | None) -> str:
    what = {"asked_by": "asked by", "language": "in", "period": "from", "speaker": "by"}[name]
    shown = language_name(_named(guess) if isinstance(guess, Period) else str(guess))
    instead = f"{_named(wider)} was searched" if wider else "that limit was left out"
    return f"Next to nothing {what} {shown} is on record; {instead}."


def _named(period: Period) -> str:
    return f"{period.first or '…'} to {period.last or '…'}"
