"""Leaves out, of what was restated of a span, the sentences that by themselves do not bear on the question.

"We have noted the statement. The tariffs hurt both sides." bears on a question about tariffs; its first sentence does
not. A sentence stays when the next one that stays points back to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.generation.standing import points_back
from rag.types import Proposition


def trimmed(made: Proposition, span: str, chances: Sequence[float], least: float) -> Proposition:
    """The proposition without its sentences that are less likely than `least` to bear; with all when none is likelier.

    Args:
        made: what was restated, …
        span: … of this text.
        chances: for each sentence the probability that the part it stands on bears on the question.
        least: 0 to 1.
    """
    kept: list[int] = []
    for place in reversed(range(len(made.parts))):
        pointed_at = bool(kept) and kept[-1] == place + 1 and points_back(span[slice(*made.parts[place + 1])])
        if chances[place] >= least or pointed_at:
            kept.append(place)
    if not kept:
        return made
    kept.reverse()
    return made.model_copy(
        update={
            "sentences": tuple(made.sentences[place] for place in kept),
            "parts": tuple(made.parts[place] for place in kept),
        }
    )
