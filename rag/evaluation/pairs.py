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

import numpy as np
from numpy.typing import NDArray

from rag.corpus import read_transcript
from rag.errors import ReadError
from rag.evaluation.confidence import area, logistic
from rag.generation.language_model import LanguageModel
from rag.generation.restate import SUPPORT, calibrated, context_of, support_score
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
    score: float | None
    """The model's own score of support; None without a model."""

    @property
    def accepted(self) -> bool:
        """Whether the sentence would be shown: one that the rule made is not asked of the model."""
        asked = self.pair.made != "rule" and self.score is not None
        return not self.failures and (not asked or calibrated(self.score or 0.0) >= SUPPORT)


def read_pairs(path: Path) -> list[Pair]:
    """The labelled pairs of a JSON-lines file."""
    return [Pair.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def check_pairs(
    pairs: Sequence[Pair],
    pages: Iterable[tuple[str, bytes]],
    llm: LanguageModel | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Checked]:
    """Run the checks on every pair whose span is found in `pages` (path, bytes); the model scores them all."""
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
            context = context_of(exchange, transcript.source, transcript.text)
            context = context.model_copy(update={"speaker": pair.speaker})
            frame = Frame(speaker=context.speaker, country=context.country, answer=context.answer)
            failed = failures(pair.sentence, text, frame)
            score = support_score(pair.sentence, text, context, llm) if llm else None
            checked.append(Checked(pair=pair, failures=failed, score=score))
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


def calibration(checked: Sequence[Checked]) -> tuple[float, float]:
    """Intercept and slope of `rag.generation.restate.CALIBRATION`, fitted on the scored pairs of the training half."""
    train = [c for c in checked if c.pair.split == "train" and c.score is not None]
    intercept, slope = logistic(_log_odds(train)[:, None], _right(train))
    return intercept, float(slope[0])


def calibration_table(checked: Sequence[Checked]) -> str:
    """The coefficients, and how well the probability tells right from wrong on either half, the checks left out."""
    intercept, slope = calibration(checked)
    lines = [f"calibration of the model's score: intercept {intercept:.2f}, slope {slope:.2f}"]
    for split in ("train", "test"):
        some = [c for c in checked if c.pair.split == split and c.score is not None]
        right, chance = _right(some), 1 / (1 + np.exp(-(intercept + slope * _log_odds(some))))
        lines.append(
            f"{split:5}  AUC {area(chance[right == 1], chance[right == 0]):.3f}  accuracy at {SUPPORT} "
            f"{((chance >= SUPPORT) == right).mean():.1%}  Brier score {((chance - right) ** 2).mean():.3f}"
        )
    return "\n".join(lines)


def _log_odds(checked: Sequence[Checked]) -> NDArray[np.float64]:
    score = np.clip(np.array([c.score for c in checked], dtype=np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(score / (1 - score)))


def _right(checked: Sequence[Checked]) -> NDArray[np.float64]:
    return np.array([float(c.pair.right) for c in checked])


def pairs_table(checked: Sequence[Checked]) -> str:
    """Accuracy on either split, and which kinds of failure are caught."""
    lines = [
        "split  pairs  right shown  wrong shown  accuracy  of the shown right",
    ]
    for split in ("train", "test"):
        some = [c for c in checked if c.pair.split == split]
        shown = [c for c in some if c.accepted]
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
        caught = [c for c in some if not c.accepted]
        lines.append(f"  {kind:10} {len(caught)} of {len(some)}")
    return "\n".join(lines)


def write_checked(checked: Sequence[Checked], path: Path) -> None:
    """One `Checked` a line, for reading the errors."""
    path.write_text(
        "".join(json.dumps(c.model_dump(mode="json"), ensure_ascii=False) + "\n" for c in checked), encoding="utf-8"
    )
