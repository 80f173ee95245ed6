"""What must hold of an index and its corpus folder, one small function for each, and who asks them all.

An invariant gets what is examined and yields what is wrong, each with the command that mends it. Nothing is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rag.config import Settings
from rag.errors import IndexBusyError, IndexDamagedError, IndexMismatchError
from rag.indexing.embedding import Progress
from rag.indexing.invariants import files, tables, texts
from rag.indexing.invariants.examined import BUILD_ANEW, Check, Examined, Finding
from rag.indexing.lock import is_being_written

__all__ = ["Check", "Finding", "examine"]

Invariant = Callable[[Examined], Iterator[Finding]]

INVARIANTS: dict[str, Invariant] = {
    "the database is whole": tables.is_whole,
    "the index fits the settings and this version": tables.fits,
    "rows refer to rows that are there": tables.references,
    "counts agree across tables, full text and vectors": tables.counts_agree,
    "the full-text indexes are whole": tables.full_text_is_whole,
    "every vector is of the right shape and is used": tables.embeddings,
    "removed items are gone": tables.removed_items_are_gone,
    "offsets quote exactly, and all of a text belongs to a part": texts.offsets_quote,
    "spans and passages are cut from the answers": texts.units_are_cut_from_answers,
    "the full text is that of the transcripts": texts.full_text_agrees,
    "every vector is of its text": texts.vectors_are_of_their_texts,
    "word counts agree with the transcripts": texts.words_agree,
    "earlier versions are kept, and are not on record": texts.earlier_versions,
    "the vector files show the state of the database": files.vector_files,
    "every transcript has its source": files.transcripts_have_sources,
    "the corpus files are those that were read": files.corpus_files,
    "superseded files can be read": files.superseded_files,
    "no work was left half done": files.leftovers,
}


def examine(
    settings: Settings, others: Mapping[str, tuple[Path, str]] | None = None, progress: Progress | None = None
) -> list[Check]:
    """Check every invariant.

    Args:
        settings: where index and corpus lie.
        others: further SQLite files to look into: what each is, to its path and the command that mends it.
        progress: called with (steps done, steps).

    Raises:
        IndexMissingError: there is no index.
        IndexBusyError: it is being written; what is found then may be only half done.
    """
    if is_being_written(settings.index):
        raise IndexBusyError(f"another process is writing the index in {settings.index}. Wait until it is done.")
    with Examined(settings, progress) as examined:
        if not examined.path.exists():
            examined.reader.one("SELECT 1")
        before = examined.state()
        # Of a database of another format no more can be told than that.
        invariants = INVARIANTS if examined.is_described() else dict(list(INVARIANTS.items())[:2])
        checks = [_checked(name, invariant, examined) for name, invariant in invariants.items()]
        for name, (path, mend) in (others or {}).items():
            checks.append(Check(name=f"{name} can be read", findings=tuple(files.side_file(path, mend))))
        if examined.state() != before:
            raise IndexBusyError(f"the index in {settings.index} was changed meanwhile. Run `onrecord doctor` again.")
        examined.finished()
    return checks


def _checked(name: str, invariant: Invariant, examined: Examined) -> Check:
    try:
        found = tuple(invariant(examined))
    except (IndexDamagedError, IndexMismatchError, sqlite3.DatabaseError, ValueError, KeyError) as error:
        found = (Finding(wrong=f"it cannot be told: {error}", mend=BUILD_ANEW),)
    return Check(name=name, findings=found)
