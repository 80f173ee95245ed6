"""Makes an index larger by copies of its transcripts whose words and vectors differ.

In each copy some words stand for others of the same length, so that every offset stays right: rare words become new
ones (the vocabulary grows with about the square root of the text, as it does in real text), some of the others change
places, numbers change. A copy's vector is that of the original mixed with another one's of the same space. Rows are
written as the writer writes them, but in bulk and without waiting for the disk.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from rag.indexing.fulltext import indexed_text
from rag.indexing.schema import connect
from rag.indexing.vectors import STORED
from rag.indexing.words import stem, words_in

RARE, COMMON = 0.02, 0.2
"""Share of transcripts up to which a word is rare, and from which it is common and stays as it is."""
RARE_CHANGED, MIDDLE_CHANGED = 0.5, 0.3
"""Share of the rare and of the other words that a copy changes."""
VARIANTS = 10
"""Forms that a rare word takes over all copies."""
PERIOD = dt.timedelta(days=800)
"""By which every tenth copy is older: ten institutions speak on each day."""
MIXED = 0.6
"""How much of another vector is added to a copy's."""
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxyz"
_PLACE = re.compile(r"[A-Za-z]{4,}|\d+")

Varied = Callable[[str], str]


def varied(connection: sqlite3.Connection, copy: int) -> Varied:
    """What turns a text of the index into that of a copy, of the same length."""
    (transcripts,) = connection.execute("SELECT count(*) FROM transcripts").fetchone()
    spread = dict(connection.execute("SELECT word, transcripts FROM words WHERE length(word) >= 4").fetchall())
    chance = random.Random(copy)
    changed: dict[str, str] = {}
    middle: dict[int, list[str]] = {}
    for word, count in sorted(spread.items()):
        if not word.isascii() or not word.isalpha():
            continue
        if count <= RARE * transcripts:
            if chance.random() < RARE_CHANGED:
                changed[word] = _rotated(word, 1 + copy % VARIANTS)
        elif count < COMMON * transcripts and chance.random() < MIDDLE_CHANGED:
            middle.setdefault(len(word), []).append(word)
    for words in middle.values():
        changed |= dict(zip(words, chance.sample(words, len(words)), strict=True))

    def one(match: re.Match[str]) -> str:
        found = match.group()
        if found.isdigit():
            return "".join(str((int(digit) + copy) % 10) for digit in found)
        other = changed.get(found.lower())
        if other is None:
            return found
        return other.upper() if found.isupper() else other.capitalize() if found[0].isupper() else other

    return lambda text: _PLACE.sub(one, text)


def _rotated(word: str, by: int) -> str:
    letters = []
    for letter in word:
        ring = _VOWELS if letter in _VOWELS else _CONSONANTS
        letters.append(ring[(ring.index(letter) + by) % len(ring)])
    return "".join(letters)


class Original:
    """The rows of the index that copies are made of."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        def rows(table: str) -> list[sqlite3.Row]:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()

        self.transcripts, self.exchanges, self.spans = rows("transcripts"), rows("exchanges"), rows("spans")
        self.passages = rows("passages")
        self.vectors = connection.execute("SELECT space, item, embedding FROM vectors").fetchall()
        embeddings = connection.execute("SELECT number, digest, vector FROM embeddings ORDER BY number").fetchall()
        self.digests = [row["digest"] for row in embeddings]
        blob = b"".join(row["vector"] for row in embeddings)
        self.embedded = np.frombuffer(blob, dtype=STORED).reshape(len(embeddings), -1).astype(np.float32)
        row_of = {row["number"]: i for i, row in enumerate(embeddings)}
        self.embedding_rows = [row_of[row["embedding"]] for row in self.vectors]
        tables = ("transcripts", "exchanges", "passages", "spans")
        self.stride = {
            table: int(connection.execute(f"SELECT max(number) FROM {table}").fetchone()[0]) for table in tables
        }
        self.stride["embeddings"] = embeddings[-1]["number"]


def grow(database: Path, first: int, last: int, progress: Callable[[int, int], None]) -> None:
    """Add the copies `first` to `last` (exclusive) to an index that holds the original and all copies before."""
    connection = connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -1000000")
    aside = database.with_name("original.sqlite")
    if not aside.exists():
        connection.execute("VACUUM INTO ?", (str(aside),))
    kept = connect(aside, read_only=True)
    original = Original(kept)
    for copy in range(first, last):
        change = varied(kept, copy)
        connection.execute("BEGIN IMMEDIATE")
        _add(connection, original, copy, change)
        connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")
        connection.execute("COMMIT")
        progress(copy + 1 - first, last - first)
    connection.close()
    kept.close()


def _add(connection: sqlite3.Connection, original: Original, copy: int, change: Varied) -> None:
    shift = {table: copy * size for table, size in original.stride.items()}
    prefix = f"c{copy}-"
    texts: dict[int, str] = {}
    occurrences: Counter[str] = Counter()
    transcripts: Counter[str] = Counter()

    def transcript_rows() -> Iterator[tuple[object, ...]]:
        for row in original.transcripts:
            values = dict(row)
            texts[row["number"]] = text = change(row["text"])
            words = Counter(words_in(text))
            occurrences.update(words)
            transcripts.update(words.keys())
            stems: Counter[str] = Counter()
            for word, count in words.items():
                stems[stem(word)] += count
            occurrences.update({f" {key}": count for key, count in stems.items()})
            transcripts.update(f" {key}" for key in stems)
            if row["date"]:
                values["date"] = (dt.date.fromisoformat(row["date"]) - (copy // 10) * PERIOD).isoformat()
            values |= {
                "number": row["number"] + shift["transcripts"],
                "id": prefix + row["id"],
                "name": prefix + row["name"],
                "institution": f"{row['institution']} {copy % 10}" if copy % 10 else row["institution"],
                "url": None,
                "digest": hashlib.sha256(f"{copy} {row['id']}".encode()).hexdigest(),
                "text": text,
            }
            yield tuple(values.values())

    def insert(table: str, rows: Iterator[tuple[object, ...]], width: int) -> None:
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)

    insert("transcripts", transcript_rows(), len(original.transcripts[0]))
    insert(
        "sources",
        (
            (
                f"{prefix}{row['id']}.json",
                hashlib.sha256(f"{copy} {row['id']} file".encode()).hexdigest(),
                hashlib.sha256(f"{copy} {row['id']}".encode()).hexdigest(),
                row["number"] + shift["transcripts"],
                prefix + row["id"],
                None,
                None,
            )
            for row in original.transcripts
        ),
        7,
    )
    places: dict[int, tuple[str, str]] = {}

    def exchange_rows() -> Iterator[tuple[object, ...]]:
        for row in original.exchanges:
            yield (
                row["number"] + shift["exchanges"],
                prefix + row["id"],
                row["transcript"] + shift["transcripts"],
                *tuple(row)[3:],
            )

    insert("exchanges", exchange_rows(), len(original.exchanges[0]))
    titles = {row["number"]: indexed_text(change(row["title"])) for row in original.transcripts}

    def exchange_texts() -> Iterator[tuple[object, ...]]:
        for row in original.exchanges:
            text = texts[row["transcript"]]
            asked = ""
            if row["question_start"] is not None:
                asked = indexed_text(text[row["question_start"] : row["question_end"]])
            places[row["number"]] = (titles[row["transcript"]], asked)
            owner_text[row["number"]] = text
            answer = indexed_text(text[row["answer_start"] : row["answer_end"]])
            yield row["number"] + shift["exchanges"], titles[row["transcript"]], asked, answer

    owner_text: dict[int, str] = {}
    text_columns = "(rowid, title, question, answer)"
    insert(f"exchange_text {text_columns}", exchange_texts(), 4)
    for table in ("passages", "spans"):
        insert(
            table,
            (
                (row["number"] + shift[table], row["exchange"] + shift["exchanges"], row["start"], row["end"])
                for row in getattr(original, table)
            ),
            4,
        )
    insert(
        f"passage_text {text_columns}",
        (
            (
                row["number"] + shift["passages"],
                *places[row["exchange"]],
                indexed_text(owner_text[row["exchange"]][row["start"] : row["end"]]),
            )
            for row in original.passages
        ),
        4,
    )
    _add_vectors(connection, original, copy, shift)
    for table in ("words", "stems"):
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET occurrences = occurrences + "
            "excluded.occurrences, transcripts = transcripts + excluded.transcripts",
            (
                (key.strip(), occurrences[key], count)
                for key, count in transcripts.items()
                if key.startswith(" ") == (table == "stems")
            ),
        )


def _add_vectors(connection: sqlite3.Connection, original: Original, copy: int, shift: dict[str, int]) -> None:
    chance = np.random.default_rng(copy)
    mixed = original.embedded + MIXED * original.embedded[chance.permutation(len(original.embedded))]
    mixed += chance.normal(0, 0.3 / np.sqrt(mixed.shape[1]), mixed.shape).astype(np.float32)
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    stored = mixed.astype(STORED)
    numbers = [shift["embeddings"] + 1 + i for i in range(len(stored))]
    connection.executemany(
        "INSERT INTO embeddings VALUES (?, ?, ?)",
        (
            (number, hashlib.sha256(f"{copy} ".encode() + digest).digest(), vector.tobytes())
            for number, digest, vector in zip(numbers, original.digests, stored, strict=True)
        ),
    )
    tables = {"span": "spans", "passage": "passages"}
    connection.executemany(
        "INSERT INTO vectors VALUES (?, ?, ?)",
        (
            (row["space"], row["item"] + shift[tables[row["space"]]], numbers[place])
            for row, place in zip(original.vectors, original.embedding_rows, strict=True)
        ),
    )


def conferences(database: Path, count: int, seed: int) -> str:
    """`count` transcripts that the index lacks, as JSON lines in OnRecord's own schema: varied copies of its newest."""
    kept = connect(database.with_name("original.sqlite"), read_only=True)
    change = varied(kept, 1000 + seed)
    lines = []
    for row in kept.execute("SELECT * FROM transcripts ORDER BY date DESC LIMIT ?", (count,)).fetchall():
        identity = f"n{seed}-{row['id']}"
        exchanges = []
        for one in kept.execute("SELECT * FROM exchanges WHERE transcript = ? ORDER BY ordinal", (row["number"],)):
            asked = one["question_start"] is not None
            exchanges.append(
                {key: one[key] for key in ("ordinal", "kind", "asked_by", "speaker")}
                | {
                    "id": f"{identity}.{one['ordinal']}",
                    "transcript": identity,
                    "question": {"start": one["question_start"], "end": one["question_end"]} if asked else None,
                    "answer": {"start": one["answer_start"], "end": one["answer_end"]},
                    "follow_up": bool(one["follow_up"]),
                }
            )
        values = {key: row[key] for key in tuple(row.keys()) if key not in ("number", "notes")}
        values |= {
            "id": identity,
            "name": identity,
            "date": (dt.date.fromisoformat(row["date"]) + (1 + seed % 100) * PERIOD).isoformat(),
            "url": None,
            "digest": hashlib.sha256(identity.encode()).hexdigest(),
            "text": change(row["text"]),
            "exchanges": exchanges,
            "notes": json.loads(row["notes"]),
        }
        lines.append(json.dumps(values))
    kept.close()
    return "\n".join(lines) + "\n"
