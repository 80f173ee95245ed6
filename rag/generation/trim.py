"""Leaves out, of what was restated of a span, the sentences that by themselves do not bear on the question.

"We have noted the statement. The tariffs hurt both sides." bears on a question about tariffs; its first sentence does
not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.generation.standing import points_back
from rag.types import Proposition

_QUALIFIES = re.compile(
    r"(?:But|However|Yet|Nevertheless|Nonetheless|Still|Though|Although|On the (?:contrary|other hand)|Otherwise|Only|"
    r"Unless|Except|Instead)\b"
)
"""Openings of a sentence that takes something back of the one before: that one is not told without it."""


def own(parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts without what the part before has already: a sentence that points back stands on that one as well."""
    ends = [0, *(end for _, end in parts)]
    return [(max(start, before), end) for (start, end), before in zip(parts, ends, strict=False)]


def trimmed(made: Proposition, span: str, chances: Sequence[float], least: float) -> Proposition:
    """The proposition without its sentences that are less likely than `least` to bear; with all when none is likelier.

    A sentence stays when the next one that stays points back to it, or when it qualifies the one before, which stays.

    Args:
        made: what was restated, …
        span: … of this text.
        chances: for each sentence the probability that its `own` part bears on the question.
        least: 0 to 1.
    """
    texts = [span[start:end].lstrip() for start, end in own(made.parts)]
    kept = [chance >= least for chance in chances]
    if not any(kept):
        return made
    for place in range(1, len(kept)):
        kept[place] |= kept[place - 1] and bool(_QUALIFIES.match(texts[place]))
    for place in reversed(range(len(kept) - 1)):
        leans = made.parts[place + 1][0] < made.parts[place][1] or points_back(texts[place + 1])
        kept[place] |= kept[place + 1] and leans
    return made.model_copy(
        update={
            "sentences": tuple(text for text, stays in zip(made.sentences, kept, strict=True) if stays),
            "parts": tuple(part for part, stays in zip(made.parts, kept, strict=True) if stays),
        }
    )
