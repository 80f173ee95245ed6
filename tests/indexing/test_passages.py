"""Answers cut into passages for the embedding model's window."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from small_corpus import TRADE, TREATY, transcript_of

from fakes import FakeEncoder
from rag.indexing.passages import QUESTION_TAIL, answer_passages, question_tail
from rag.indexing.spaces import SPACES
from rag.types import Passage, Transcript

ENCODER = FakeEncoder()


def passages_of(transcript: Transcript, window: int = 256) -> list[Passage]:
    return answer_passages(transcript, transcript.exchanges[0], ENCODER.count_tokens, window)


def test_a_short_answer_is_one_passage_without_the_question() -> None:
    passages = passages_of(transcript_of(f"{TRADE} {TREATY}", question="Will the secret clause be published?"))
    assert [passage.text for passage in passages] == [f"{TRADE} {TREATY}"]
    assert "secret" not in passages[0].text


def test_a_long_answer_is_cut_between_sentences_in_even_parts() -> None:
    passages = passages_of(transcript_of(" ".join([TRADE, TREATY] * 20)))
    assert len(passages) > 1
    assert all(passage.text.endswith(".") and passage.text[0] in "CT" for passage in passages)
    lengths = [len(passage.text.split()) for passage in passages]
    assert max(lengths) <= 2 * min(lengths)


def test_only_the_end_of_a_long_question_is_embedded() -> None:
    transcript = transcript_of(TRADE, question="Background. " * 100 + "Will the treaty be signed?")
    tail = question_tail(transcript, transcript.exchanges[0])
    assert len(tail) <= QUESTION_TAIL
    assert tail.startswith("Background. ")
    assert tail.endswith("Will the treaty be signed?")


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([TRADE, TREATY, "No.", "word " * 400 + "end.", "中方注意到有关报道。", "\n"]),
        min_size=1,
        max_size=30,
    ),
    st.integers(min_value=0, max_value=80),
)
def test_passages_hold_every_sentence_and_fit_the_window(parts: list[str], words: int) -> None:
    answer = "\n".join(line.strip() for line in " ".join(parts).split("\n") if line.strip())
    if not answer:
        return
    transcript = transcript_of(answer, question="why " * words + "so?")
    exchange = transcript.exchanges[0]
    passages = passages_of(transcript)
    at = exchange.answer.start
    for passage in passages:
        assert transcript.text[passage.start : passage.end] == passage.text
        assert passage.id == f"{exchange.id}.{passage.start}-{passage.end}"
        assert at <= passage.start
        at = passage.end
        embedded = SPACES["passage"].text(transcript, exchange, passage.start, passage.end)
        assert ENCODER.count_tokens([embedded])[0] <= ENCODER.window
    assert "".join("".join(passage.text for passage in passages).split()) == "".join(answer.split())
