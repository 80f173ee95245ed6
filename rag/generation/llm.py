"""The local language model: one file, one context, a fair queue.

A prompt has a fixed part (instruction and worked examples) that is the same for every span. Its attention state
is evaluated once per process and copied for each call (`llama_memory_seq_cp`, a table entry in a unified cache),
so that a call costs the span and its answer only. Output that copies the span, as reported speech mostly does, is
proposed from the span and checked in one batch (prompt lookup decoding, Saxena 2023): the tokens are those of
plain greedy decoding, sooner.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.errors import ModelError
from rag.generation.fair_queue import FairQueue
from rag.generation.language_model import Cancelled, LanguageModel, Prompt, Written, never

HELP = "Run `onrecord models pull`, or name a GGUF file with the setting `llm`."
BATCH = 128
"""Tokens evaluated between two looks at `Cancelled` while a prompt is read."""
FIXED_PROMPTS = 6
"""Fixed prompts whose state is kept; the longest unused one makes room."""
LOOKUP_NGRAM = 2
LOOKUP_TOKENS = 7
MARK = "\u2402text\u2403"


_silent: list[Any] = []
"""The log callback given to llama.cpp, kept alive: the library stores only its address."""


def _library() -> Any:
    """llama.cpp's binding with its log switched off."""
    import llama_cpp

    if not _silent:
        callback = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)
        _silent.append(callback)
        llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    return llama_cpp


class LlamaCpp:
    """A GGUF file run by llama.cpp on this machine's CPU.

    `context` is the room in tokens for one text with its reply; as much again holds the fixed prompts.

    Raises:
        ModelError: the file is missing, is not a GGUF file or does not load.
    """

    def __init__(self, path: Path, *, name: str, digest: str, threads: int, context: int) -> None:
        self.name = name
        self.digest = digest
        self._queue = FairQueue()
        if not path.is_file():
            raise ModelError(f"the model file {path} does not exist. {HELP}")
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelError(f"{path} is not a GGUF model: it is damaged or of another kind. {HELP}")
        self._lib = lib = _library()
        lib.llama_backend_init()
        self._model = lib.llama_model_load_from_file(str(path).encode(), lib.llama_model_default_params())
        if not self._model:
            raise ModelError(f"{path} cannot be loaded: it is damaged or of a kind llama.cpp does not know. {HELP}")
        self._vocab = lib.llama_model_get_vocab(self._model)
        params = lib.llama_context_default_params()
        params.n_ctx = 2 * context
        params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = 1 + FIXED_PROMPTS
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True
        params.no_perf = True
        self._context = lib.llama_init_from_model(self._model, params)
        if not self._context:
            raise ModelError(f"{path}: no memory for a context of {context} tokens. Lower the setting `context`.")
        self._room = context
        self._memory = lib.llama_get_memory(self._context)
        self._words = lib.llama_vocab_n_tokens(self._vocab)
        self._batch = lib.llama_batch_init(BATCH, 0, 1)
        self._fixed: dict[str, tuple[int, int]] = {}
        template = lib.llama_model_chat_template(self._model, None)
        self._template: bytes | None = template or None

    @property
    def parameters(self) -> int:
        """How many parameters the model has."""
        return int(self._lib.llama_model_n_params(self._model))

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return self._queue.waiting

    def prepare(self, prompt: Prompt, cancelled: Cancelled = never) -> None:
        """Evaluate the fixed part of `prompt` now."""
        with self._queue.turn():
            self._fixed_state(prompt, cancelled)

    def write(self, prompt: Prompt, text: str, *, limit: int, start: str = "", cancelled: Cancelled = never) -> Written:
        """Reply to `text`, greedily. Raises ModelError when the text does not fit the context."""
        pieces: list[bytes] = []
        finished = False
        with self._queue.turn():
            for token in self._decode(prompt, text, limit, start, cancelled):
                if token is None:
                    finished = True
                else:
                    pieces.append(self._piece(token))
        return Written(text=start + b"".join(pieces).decode(errors="replace"), finished=finished)

    def stream(self, prompt: Prompt, text: str, *, limit: int, cancelled: Cancelled = never) -> Iterator[str]:
        """Reply to `text` in pieces."""
        import codecs

        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with self._queue.turn():
            for token in self._decode(prompt, text, limit, "", cancelled):
                if token is not None:
                    yield decoder.decode(self._piece(token))

    def score(self, prompt: Prompt, text: str, cancelled: Cancelled = never) -> float:
        """P(Yes) against P(No). 0.0 when cancelled."""
        with self._queue.turn():
            logits = self._read(prompt, text, "", cancelled)
            if logits is None:
                return 0.0
            yes = max(logits[token] for token in self._first_tokens("Yes"))
            no = max(logits[token] for token in self._first_tokens("No"))
        return 1 / (1 + math.exp(no - yes))

    def _first_tokens(self, word: str) -> list[int]:
        return [self._tokens(form, special=False)[0] for form in (word, " " + word)]

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        data = text.encode()
        room = len(data) + 8
        buffer = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), buffer, room, False, special)
        return list(buffer[:count])

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        count = self._lib.llama_token_to_piece(self._vocab, token, buffer, 256, 0, False)
        return buffer.raw[: max(0, count)]

    def _rendered(self, prompt: Prompt) -> tuple[str, str]:
        """The chat rendered by the model's own template, cut where the untrusted text goes."""
        turns = [("system", prompt.system)]
        for asked, replied in prompt.examples:
            turns += [("user", asked), ("assistant", replied)]
        turns.append(("user", prompt.form.replace("{text}", MARK)))
        lib = self._lib
        kept = [(role.encode(), content.encode()) for role, content in turns]
        messages = (lib.llama_chat_message * len(kept))(*(lib.llama_chat_message(*pair) for pair in kept))
        room = 2 * sum(len(content) for _, content in kept) + 4096
        buffer = ctypes.create_string_buffer(room)
        template = self._template or b"chatml"
        count = lib.llama_chat_apply_template(template, messages, len(kept), True, buffer, room)
        if count < 0:
            count = lib.llama_chat_apply_template(b"chatml", messages, len(kept), True, buffer, room)
        head, _, tail = buffer.raw[:count].decode().partition(MARK)
        return head, tail

    def _fixed_state(self, prompt: Prompt, cancelled: Cancelled) -> tuple[int, int] | None:
        """(sequence, length in tokens) of the evaluated fixed part; None when cancelled on the way."""
        key = prompt.version
        if key in self._fixed:
            self._fixed[key] = state = self._fixed.pop(key)
            return state
        tokens = self._tokens(self._rendered(prompt)[0], special=True)
        while len(self._fixed) == FIXED_PROMPTS or self._used() + len(tokens) > self._room:
            if not self._fixed:
                raise ModelError(f"the prompt needs {len(tokens)} tokens, more than the setting `context` gives")
            sequence, _ = self._fixed.pop(next(iter(self._fixed)))
            self._lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        sequence = min(set(range(1, 1 + FIXED_PROMPTS)) - {number for number, _ in self._fixed.values()})
        if self._evaluate(tokens, 0, sequence, cancelled) is None:
            self._lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
            return None
        self._fixed[key] = (sequence, len(tokens))
        return self._fixed[key]

    def _used(self) -> int:
        return sum(length for _, length in self._fixed.values())

    def _evaluate(
        self, tokens: Sequence[int], position: int, sequence: int, cancelled: Cancelled, every: bool = False
    ) -> int | None:
        """Read `tokens` into the cache; the size of the last batch, or None when cancelled.

        Logits are computed for the last token only, or for each when `every` is set.
        """
        size = 0
        for begin in range(0, len(tokens), BATCH):
            if cancelled():
                return None
            part = tokens[begin : begin + BATCH]
            size = len(part)
            batch = self._batch
            batch.n_tokens = size
            for i, token in enumerate(part):
                batch.token[i] = token
                batch.pos[i] = position + begin + i
                batch.n_seq_id[i] = 1
                batch.seq_id[i][0] = sequence
                batch.logits[i] = every or begin + i == len(tokens) - 1
            if self._lib.llama_decode(self._context, batch):
                raise ModelError("the model ran out of context. Raise the setting `context`.")
        return size

    def _logits(self, i: int) -> Any:
        import numpy as np

        return np.ctypeslib.as_array(self._lib.llama_get_logits_ith(self._context, i), shape=(self._words,))

    def _begin(self, prompt: Prompt, text: str, start: str, cancelled: Cancelled) -> tuple[list[int], int] | None:
        """Tokens still to be read after the fixed part, and its length; the fixed state is copied for this call."""
        state = self._fixed_state(prompt, cancelled)
        if state is None:
            return None
        sequence, length = state
        tokens = self._tokens(text, special=False)
        tokens += self._tokens(self._rendered(prompt)[1], special=True) + self._tokens(start, special=False)
        self._lib.llama_memory_seq_rm(self._memory, 0, -1, -1)
        self._lib.llama_memory_seq_cp(self._memory, sequence, 0, -1, -1)
        return tokens, length

    def _read(self, prompt: Prompt, text: str, start: str, cancelled: Cancelled) -> Any:
        begun = self._begin(prompt, text, start, cancelled)
        if begun is None:
            return None
        tokens, length = begun
        size = self._evaluate(tokens, length, 0, cancelled)
        return None if size is None else self._logits(size - 1)

    def _decode(self, prompt: Prompt, text: str, limit: int, start: str, cancelled: Cancelled) -> Iterator[int | None]:
        """Greedy tokens of the reply; None last when the model ended it."""
        begun = self._begin(prompt, text, start, cancelled)
        if begun is None:
            return
        tokens, position = begun
        if len(tokens) + limit > self._room:
            raise ModelError(f"the text needs {len(tokens) + limit} tokens. Raise the setting `context`.")
        source = self._tokens(text, special=False)
        size = self._evaluate(tokens, position, 0, cancelled)
        if size is None:
            return
        position += len(tokens)
        written = self._tokens(start, special=False)
        token = int(self._logits(size - 1).argmax())
        count = 0
        while True:
            if self._lib.llama_vocab_is_eog(self._vocab, token):
                yield None
                return
            yield token
            written.append(token)
            count += 1
            if count >= limit or cancelled():
                return
            draft = lookup(source, written)
            if self._evaluate([token, *draft], position, 0, never, every=True) is None:
                return
            position += 1
            token = int(self._logits(0).argmax())
            for i, proposed in enumerate(draft, start=1):
                if token != proposed or count >= limit or cancelled():
                    break
                yield token
                written.append(token)
                count += 1
                position += 1
                token = int(self._logits(i).argmax())
            if count >= limit:
                return
            self._lib.llama_memory_seq_rm(self._memory, 0, position, -1)


def lookup(source: Sequence[int], written: Sequence[int]) -> list[int]:
    """Tokens that follow, in `source`, the last place where the end of `written` occurs; [] when nowhere."""
    tail = list(written[-LOOKUP_NGRAM:])
    if len(tail) < LOOKUP_NGRAM:
        return []
    for i in range(len(source) - LOOKUP_NGRAM, -1, -1):
        if list(source[i : i + LOOKUP_NGRAM]) == tail:
            begin = i + LOOKUP_NGRAM
            return list(source[begin : begin + LOOKUP_TOKENS])
    return []


def load_llm(settings: Settings) -> LanguageModel | None:
    """The model that the settings name; None when they name "none".

    Raises:
        ModelError: the file is missing or damaged; the message names `onrecord models pull`.
    """
    if settings.llm == "none":
        return None
    from rag.models import model_digest, model_path

    path = model_path(settings.llm, settings)
    return LlamaCpp(path, name=path.stem, digest=model_digest(path), threads=settings.threads, context=settings.context)
