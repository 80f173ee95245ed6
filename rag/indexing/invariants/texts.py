"""Invariants of the transcripts, and of what is derived from their words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rag.corpus.formats.own import read_own
from rag.errors import ReadError
from rag.indexing.fulltext import indexed_text
from rag.indexing.invariants.examined import BUILD, BUILD_ANEW, Examined, Finding, summed
from rag.indexing.prepare import UNREAD, text_digest
from rag.indexing.rows import item, to_earlier, units
from rag.indexing.spaces import SPACES
from rag.indexing.words import stem, words_in
from rag.types import Exchange, Transcript


def offsets_quote(examined: Examined) -> Iterator[Finding]:
    """Offsets lie inside the text, in order, and every paragraph belongs to exactly one part."""
    wrong = []
    for transcript in examined.transcripts():
        try:
            read_own(transcript.model_dump_json().encode())
        except ReadError as error:
            wrong.append(f"{transcript.id}: {error}")
    yield from summed(wrong, "transcripts contradict themselves")


def units_are_cut_from_answers(examined: Examined) -> Iterator[Finding]:
    """Spans and passages lie in order inside the answers, and spans hold all of them but remarks in brackets."""
    wrong: dict[str, list[str]] = {"spans": [], "passages": []}
    for transcript in examined.transcripts():
        for exchange in transcript.exchanges:
            for table, found in wrong.items():
                places = _offsets(examined, table, exchange)
                edges = [exchange.answer.start, *(edge for place in places for edge in place), exchange.answer.end]
                between = [
                    transcript.text[end:start].strip() for end, start in zip(edges[::2], edges[1::2], strict=True)
                ]
                lost = table == "spans" and any(words and not words.startswith(("(", "（")) for words in between)
                if not places or lost or edges != sorted(edges) or any(start == end for start, end in places):
                    found.append(exchange.id)
    for table, ids in wrong.items():
        yield from summed(ids, f"{table} are not those of their answers")


def _offsets(examined: Examined, table: str, exchange: Exchange) -> list[tuple[int, int]]:
    sql = f"SELECT u.start, u.end FROM {table} u JOIN exchanges e ON e.number = u.exchange WHERE e.id = ?"
    return [tuple(row) for row in examined.reader.all(f"{sql} ORDER BY u.number", exchange.id)]


def full_text_agrees(examined: Examined) -> Iterator[Finding]:
    """The full-text indexes were given the words of the transcripts."""
    wrong = []
    for transcript in examined.transcripts():
        for exchange in transcript.exchanges:
            question = exchange.question
            asked = transcript.text[question.start : question.end] if question else ""
            for unit in ("exchange", "passage"):
                start, end = ("e.answer_start", "e.answer_end") if unit == "exchange" else ("u.start", "u.end")
                rows = examined.reader.all(
                    f"SELECT {start}, {end}, f.title, f.question, f.answer FROM {units(unit)} "
                    f"JOIN {unit}_text f ON f.rowid = {item(unit)} WHERE e.id = ?",
                    exchange.id,
                )
                for first, last, *held in rows:
                    given = [transcript.title, asked, transcript.text[first:last]]
                    if held != [indexed_text(text) for text in given]:
                        wrong.append(f"{unit} {exchange.id}")
    yield from summed(wrong, "the full text is not that of the transcripts")


def vectors_are_of_their_texts(examined: Examined) -> Iterator[Finding]:
    """A vector is stored under the digest of the text that its unit has now."""
    wrong = []
    for transcript in examined.transcripts():
        for exchange in transcript.exchanges:
            wrong += [
                f"{space} of {exchange.id}" for space in SPACES if not _agree(examined, transcript, exchange, space)
            ]
    yield from summed(wrong, "vectors are of other texts than their units")


def _agree(examined: Examined, transcript: Transcript, exchange: Exchange, space: str) -> bool:
    unit = SPACES[space].unit
    start, end = ("e.answer_start", "e.answer_end") if unit == "exchange" else ("u.start", "u.end")
    rows = examined.reader.all(
        f"SELECT {start}, {end}, b.digest FROM {units(unit)} CROSS JOIN vectors v "
        f"JOIN embeddings b ON b.number = v.embedding WHERE v.space = ? AND v.item = {item(unit)} AND e.id = ?",
        space,
        exchange.id,
    )
    text = SPACES[space].text
    # A model that does not know Chinese was given an empty text for all of it.
    unread = text_digest(UNREAD) if transcript.language == "zh" else None
    if rows and all(digest == unread for *_, digest in rows):
        return True
    return all(text_digest(text(transcript, exchange, first, last)) == digest for first, last, digest in rows)


def words_agree(examined: Examined) -> Iterator[Finding]:
    """The counts of words and stems are those of the transcripts' texts."""
    occurrences: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    stem_spread: Counter[str] = Counter()
    for (text,) in examined.reader.each("SELECT text FROM transcripts"):
        counts = Counter(words_in(text))
        occurrences.update(counts)
        spread.update(counts.keys())
        by_stem: Counter[str] = Counter()
        for word, count in counts.items():
            by_stem[stem(word)] += count
        stems.update(by_stem)
        stem_spread.update(by_stem.keys())
    for table, counted, transcripts in (("words", occurrences, spread), ("stems", stems, stem_spread)):
        held = {row[0]: (row[1], row[2]) for row in examined.reader.each(f"SELECT * FROM {table}")}
        expected = {word: (count, transcripts[word]) for word, count in counted.items()}
        if held != expected:
            off = len({*held.items()} ^ {*expected.items()})
            yield Finding(wrong=f"the table {table} differs from the transcripts in {off:,} counts", mend=BUILD_ANEW)


def earlier_versions(examined: Examined) -> Iterator[Finding]:
    """Every earlier version is whole and kept in the corpus folder; none is on record itself."""
    lost, broken, stray = [], [], []
    for row in examined.reader.all("SELECT * FROM earlier"):
        id = row["id"]
        try:
            version = to_earlier(row)
            if version.transcript.id != id:
                raise ReadError("its id is another's")
            read_own(version.transcript.model_dump_json().encode())
        except (ReadError, ValueError) as error:
            broken.append(f"{id}: {error}")
            continue
        if not (examined.settings.corpus / version.path).is_file():
            lost.append(version.path)
        if examined.count("SELECT count(*) FROM transcripts WHERE id = ?", id):
            stray.append(id)
    yield from summed(broken, "earlier versions cannot be read", BUILD)
    yield from summed(lost, "earlier versions are not in the corpus folder", BUILD)
    yield from summed(stray, "earlier versions are on record themselves", BUILD)
