"""Takes out of vectors what all of a model's vectors share.

The vectors of some models all point one way: by multilingual-e5-small two texts that have nothing to do with each other
have a cosine of 0.74 (English) or 0.83 (Chinese), by all-MiniLM-L6-v2 of 0.14. What is compared with a number
(`rag.retrieval.confidence`) would mean another thing with each of them. Without the mean of texts on many matters (Mu
and Viswanath, "All-but-the-Top", ICLR 2018) related and unrelated texts of both stand about as far apart: 0.45 and 0.09
(in Chinese 0.46 and 0.14) against 0.53 and 0.14. The texts are fixed: a vector depends on nothing but the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.models.catalogue import CATALOGUE

ALL_ONE_WAY = 0.3
"""Mean cosine of questions with passages that do not answer them, from which on vectors are centred."""
VERSION = 1
"""Raised when the texts or the way change: another version gives other vectors."""
UNCENTRED = frozenset(file.sha256 for model in CATALOGUE.values() if model.role == "embedding" for file in model.files)
"""SHA-256 (hex) of weights that were measured and are not centred."""

QUESTIONS = (
    "What was said about tariffs on steel?",
    "How did the ministry respond to the earthquake?",
    "When will the foreign minister visit Africa?",
    "Who attended the climate summit?",
    "What is the position on nuclear tests?",
    "Were any citizens hurt in the accident?",
    "What was announced about visas for tourists?",
    "Why was the ambassador summoned?",
    "Did the two presidents talk on the telephone?",
    "What was said about vaccines?",
)
PASSAGES = (
    "The two sides agreed to hold the next round of consultations on trade in May.",
    "We extend our condolences to the families of those who died in the earthquake.",
    "The minister will pay an official visit to five African countries next week.",
    "All parties should carry out the agreement on climate change in full.",
    "We oppose any nuclear test and hope that the talks will be resumed.",
    "Our consulate is checking whether any of our citizens were hurt.",
    "Tourists from these countries need no visa for a stay of thirty days.",
    "We have lodged stern representations with the ambassador.",
    "The two presidents exchanged views over the telephone this morning.",
    "The vaccine will be a public good for developing countries.",
)
"""Each belongs to the question at its place."""
CHINESE_QUESTIONS = (
    "关于钢铁关税说了什么？",
    "外交部如何回应地震？",
    "外长何时访问非洲？",
    "谁出席了气候峰会？",
    "在核试验问题上的立场是什么？",
    "事故中有没有公民受伤？",
    "旅游签证有什么新消息？",
    "为什么召见大使？",
    "两国元首通电话了吗？",
    "关于疫苗说了什么？",
)
CHINESE_PASSAGES = (
    "双方商定五月举行下一轮经贸磋商。",
    "我们向地震遇难者家属表示慰问。",
    "外长将于下周对五个非洲国家进行正式访问。",
    "各方应全面落实气候变化协定。",
    "我们反对任何核试验，希望尽快恢复会谈。",
    "我领馆正在核实有无中国公民受伤。",
    "这些国家的游客停留三十天以内无需签证。",
    "我们已向大使提出严正交涉。",
    "两国元首今天上午通电话，交换了意见。",
    "疫苗将成为发展中国家的公共产品。",
)


class Centre(NamedTuple):
    """What is taken from vectors, float32 [dimension] each; zeros where nothing is."""

    question: NDArray[np.float32]
    passage: NDArray[np.float32]


def centre_of(
    questions: Callable[[Sequence[str]], NDArray[np.float32]],
    passages: Callable[[Sequence[str]], NDArray[np.float32]],
    *,
    chinese: bool,
) -> Centre:
    """The centre of a model's vectors.

    Args:
        questions: embeds questions, unit rows.
        passages: embeds passages, unit rows.
        chinese: whether the model knows Chinese.
    """
    asked = questions([*QUESTIONS, *(CHINESE_QUESTIONS if chinese else ())])
    told = passages([*PASSAGES, *(CHINESE_PASSAGES if chinese else ())])
    unrelated = float((asked @ told.T)[~np.eye(len(asked), dtype=bool)].mean())
    kept = np.float32(unrelated >= ALL_ONE_WAY)
    return Centre(asked.mean(axis=0) * kept, told.mean(axis=0) * kept)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows at length one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
