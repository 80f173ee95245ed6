"""The checks on restated sentences, measured on labelled pairs of span and sentence.

`tests/data/span_sentence_pairs.jsonl` holds the pairs: the sentence, whether it is right, what is wrong with it, who
made it (the default model, the rule, or a deliberate corruption of a right sentence), and where its span stands (page
and digest: the page's text is not ours to keep). Conferences are kept apart between `train` and `test` by the digest
of the page's name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from rag.corpus import read_transcript
from rag.errors import ReadError
from rag.generation.language_model import LanguageModel
from rag.generation.restate import context_of, supported
from rag.generation.verify import Frame, failures
from rag.indexing.spans import MOST_SENTENCES, answer_sentences
from rag.types import Exchange, Record, Transcript


class Pair(Record):
    """One labelled sentence and where its span stands."""

    page: str
    exchange: int
    digest: str
    """First 16 hex digits of the SHA-256 of the span's text."""
    speaker: str | None
    sentence: str
    right: bool
    kind: str
    """"right", or the kind of failure."""
    made: Literal["model", "rule", "corruption"]
    split: Literal["train", "test"]


class Checked(Record):
    """What the checks said of one pair."""

    pair: Pair
    failures: tuple[str, ...]
    support: float | None
    """The model's support score; None when a check failed already or there is no model."""

    def accepted(self, threshold: float) -> bool:
        """Whether the sentence would be shown."""
        return not self.failures and (self.support is None or self.support >= threshold)


def read_pairs(path: Path) -> list[Pair]:
    """The labelled pairs of a JSON-lines file."""
    return [Pair.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def check_pairs(
    pairs: Sequence[Pair],
    pages: Iterable[tuple[str, bytes]],
    llm: LanguageModel | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Checked]:
    """Run the checks on every pair whose span is found in `pages` (path, bytes); the model scores those that pass."""
    wanted: dict[str, list[Pair]] = {}
    for pair in pairs:
        wanted.setdefault(pair.page, []).append(pair)
    checked: list[Checked] = []
    for path, data in pages:
        of_page = wanted.pop(Path(path).stem, [])
        if not of_page:
            continue
        try:
            transcript = read_transcript(data, path)
        except ReadError:
            continue
        spans = dict(_windows(transcript))
        for pair in of_page:
            if pair.digest not in spans:
                continue
            text, exchange = spans[pair.digest]
            answer = transcript.text[exchange.answer.start : exchange.answer.end]
            context = context_of(exchange, transcript.source, answer).model_copy(update={"speaker": pair.speaker})
            frame = Frame(speaker=context.speaker, country=context.country, answer=context.answer)
            failed = failures(pair.sentence, text, frame)
            score = supported(pair.sentence, text, context, llm) if llm and not failed else None
            checked.append(Checked(pair=pair, failures=failed, support=score))
            progress(len(checked), len(pairs))
    return checked


def _windows(transcript: Transcript) -> Iterator[tuple[str, tuple[str, Exchange]]]:
    """Every run of one to three sentences of every answer, by digest: pairs outlive a change of segmentation."""
    text = transcript.text
    for exchange in transcript.exchanges:
        found = answer_sentences(text, exchange.answer.start, exchange.answer.end)
        for first in range(len(found)):
            for start, end in ((found[first][0], stop) for _, stop in found[first : first + MOST_SENTENCES]):
                yield _digest(text[start:end]), (text[start:end], exchange)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fit(checked: Sequence[Checked], precision: float = 0.97) -> float:
    """The lowest support threshold at which at least `precision` of the accepted training pairs are right.

    1.0 when no threshold reaches it.
    """
    train = [c for c in checked if c.pair.split == "train"]
    for threshold in sorted({round(c.support, 3) for c in train if c.support is not None} | {0.0}):
        shown = [c for c in train if c.accepted(threshold)]
        if shown and sum(c.pair.right for c in shown) >= precision * len(shown):
            return threshold
    return 1.0


def pairs_table(checked: Sequence[Checked], threshold: float) -> str:
    """Accuracy on either split, and which kinds of failure are caught."""
    lines = [
        f"support threshold {threshold:.3f}",
        "split  pairs  right shown  wrong shown  accuracy  of the shown right",
    ]
    for split in ("train", "test"):
        some = [c for c in checked if c.pair.split == split]
        shown = [c for c in some if c.accepted(threshold)]
        good, right = sum(c.pair.right for c in shown), sum(c.pair.right for c in some)
        correct = good + (len(some) - right) - (len(shown) - good)
        lines.append(
            f"{split:5}  {len(some):5}  {good:4} of {right:<4}  {len(shown) - good:3} of {len(some) - right:<4}  "
            f"{correct / max(1, len(some)):8.1%}  {good / max(1, len(shown)):8.1%}"
        )
    lines.append("caught by kind of failure (both splits):")
    kinds = sorted({c.pair.kind for c in checked if not c.pair.right})
    for kind in kinds:
        some = [c for c in checked if c.pair.kind == kind]
        caught = [c for c in some if not c.accepted(threshold)]
        lines.append(f"  {kind:10} {len(caught)} of {len(some)}")
    return "\n".join(lines)


def write_checked(checked: Sequence[Checked], path: Path) -> None:
    """One `Checked` a line, for reading the errors."""
    path.write_text(
        "".join(json.dumps(c.model_dump(mode="json"), ensure_ascii=False) + "\n" for c in checked), encoding="utf-8"
    )
