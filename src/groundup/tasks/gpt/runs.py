"""A trained gpt run opened again: its model, its tokenizer, and text from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from groundup.base.errors import UserError
from groundup.data.corpus.tokens import TextStream, Tokenizer, read_tokenizer_file
from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import quantise_layers
from groundup.models.speculative_decoding import generate_speculatively
from groundup.parts.swap import Parts
from groundup.runs.checkpoint import load_into
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c5_words.sampling import choose_token
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.speculative import next_probabilities
from groundup.tasks.gpt.corpus import TOKENIZER
from groundup.tasks.gpt.hyperparameters import count_numbers
from groundup.tasks.gpt.mixture import count_experts, put_experts, read_experts
from groundup.tasks.opening import check_model
from groundup.tasks.registry import find_about

SMALL_WEIGHTS = 4_000_000
MOST_TOKENS = 100_000_000
LEAST_TEMPERATURE, MOST_TEMPERATURE = 1e-3, 1e3
BEST, LAST = "best.safetensors", "model.safetensors"


def open_gpt(run: Run) -> tuple[GPT, Tokenizer, str]:
    """Rebuild a run's model, ready to use.

    Returns
    -------
    model : GPT
        With its best weights on the validation text, or the last ones where no best were kept.
    tokenizer : Tokenizer
        What it was trained with.
    weights : str
        The name of the weights' file.

    Raises
    ------
    UserError
        It is a run of another task, is not trained yet, is damaged, or its tokenizer does not fit its weights.
    """
    about = find_about(run.config["task"])
    if not about.writes:
        raise UserError(
            f"{run.folder} is a run of {run.config['task']}, not of gpt: there is no text in it. "
            "Train one: groundup train gpt"
        )
    if "model" not in run.config:
        raise UserError(f"{run.folder}: training has not begun. Go on: groundup train --run {run.name} --resume")
    settings = read_model_settings(run)
    tokenizer = read_tokenizer_file(run.path(TOKENIZER))
    spare = run.imported_from is not None or run.begun_from is not None
    check_tokenizer(tokenizer, settings.vocabulary, str(run.path(TOKENIZER)), spare)
    weights = BEST if run.has_file(BEST) else LAST
    experts = read_experts(run)
    run.read_shapes(weights).refuse_larger(count_numbers(settings, count_experts(experts)))
    tensors = run.load_model(weights)
    model = GPT(settings)
    put_experts(model, experts)
    if (parts := Parts.of(run, about.known_parts)) is not None:
        parts.put_into(model)
    if run.quantised_from is not None:
        quantise_layers(model, empty=True)
    load_into(model, tensors, str(run.path(weights)))
    return model.eval().requires_grad_(False), tokenizer, weights


def read_model_settings(run: Run) -> GPTSettings:
    """Return the sizes of a run's model.

    Raises
    ------
    UserError
        They are damaged.
    """
    check_model(run)
    try:
        return GPTSettings.from_mapping(run.config["model"])
    except UserError as error:
        raise UserError(f"{run.path(CONFIG)}: damaged ({error}) {AGAIN}") from error


def check_tokenizer(tokenizer: Tokenizer, vocabulary: int, path: str, imported: bool) -> None:
    """Refuse a tokenizer that is none of a model's.

    Parameters
    ----------
    tokenizer : Tokenizer
        What turns text into numbers.
    vocabulary : int
        How many tokens the model knows.
    path : str
        The tokenizer's file, for the error.
    imported : bool
        Whether some of the model's tokens may have no text, as in checkpoints that are filled up to a round number.

    Raises
    ------
    UserError
        It has other tokens, or gives numbers that the model does not know.
    """
    numbers = set(tokenizer.backend.get_vocab(with_added_tokens=True).values())
    if tokenizer.size != vocabulary and not (imported and tokenizer.size < vocabulary):
        raise UserError(
            f"{path}: {tokenizer.size} tokens, but the weights are for {vocabulary}: "
            "the tokenizer is of another run. Put the right one back."
        )
    if tokenizer.whole_words:
        raise UserError(f"{path}: its tokens are whole words, which cannot write every text. Put the right one back.")
    if not numbers or max(numbers) >= vocabulary or (not imported and len(numbers) < vocabulary):
        raise UserError(
            f"{path}: damaged (its tokens are not numbered from 0 to {vocabulary - 1}). Put the right one back."
        )


def threads_to_decode(model: GPT) -> int:
    """Return how many threads a token is worth: one for a small model, whose products end before a second one wakes.

    On a machine where other programs run, waiting for that second thread costs a hundred times the product itself.
    """
    return 1 if count_numbers(model.settings) < SMALL_WEIGHTS else torch.get_num_threads()


def encode_prompt(prompt: str, tokenizer: Tokenizer) -> list[int]:
    """Return a prompt's tokens; an empty prompt becomes a line end, after which most texts begin something.

    Raises
    ------
    UserError
        The prompt holds characters the model never saw, or is not text.
    """
    if not prompt:
        prompt = "\n" if tokenizer.can_write("\n") else tokenizer.decode([0])
    check_utf8(prompt, "The prompt")
    return [int(token) for token in tokenizer.encode(prompt)]


def check_utf8(text: str, name: str) -> None:
    """Refuse a text with bytes that are none; ``name`` says what it is, for the error."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"{name} is not valid UTF-8 at character {error.start}. Type it again.") from error


def continue_text(
    model: GPT, tokenizer: Tokenizer, prompt: list[int], tokens: int, *, temperature: float = 0.8, **options: Any
) -> Iterator[tuple[int, str]]:
    """Yield token after token with the text that is ready with it; options as of `draw_tokens`."""
    stream = TextStream(tokenizer)
    drawn = draw_tokens(model, prompt, tokens, temperature=temperature, **options)
    for place, token in enumerate(drawn, start=1):
        yield token, stream.feed(token) + (stream.finish() if place == tokens else "")


def draw_tokens(
    model: GPT,
    prompt: list[int],
    tokens: int,
    *,
    decoder: Decoder | None = None,
    choose: Callable[..., int] = choose_token,
    generator: torch.Generator | None = None,
    draft: GPT | None = None,
    **options: Any,
) -> Iterator[int]:
    """Yield token after token, as `GPT.generate` does, as fast as the model allows.

    Parameters
    ----------
    model, prompt, tokens, choose
        As of `groundup.steps.c6_gpt.gpt.GPT.generate`.
    decoder : Decoder, optional
        One that was prepared before.
    generator : torch.Generator, optional
        The random generator.
    draft : GPT, optional
        A small model that guesses ahead, as `check_draft` allows; ``choose`` is then not asked.
    **options
        ``temperature``, ``top_k`` and ``top_p``, as of `groundup.steps.c5_words.sampling.choose_token`.

    Raises
    ------
    UserError
        The logits are not finite.
    """
    # A model without a cache is asked as it is, with whatever parts it has.
    engine = (lambda model: decoder or Decoder(model)) if model.has_cache else None
    try:
        if draft is not None:
            pair = decoder or Decoder(model), Decoder(draft)
            yield from generate_speculatively(*pair, prompt, tokens, partial(next_probabilities, **options), generator)
        else:
            yield from model.generate(prompt, tokens, engine=engine, choose=choose, generator=generator, **options)
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        raise UserError(
            "The model's scores are not finite numbers: its weights are damaged, or it was trained with too large a "
            "learning rate. Train again with another --run."
        ) from error


def check_draft(name: str, model: GPT, tokenizer: Tokenizer, draft: GPT, other: Tokenizer) -> None:
    """Refuse a draft that cannot guess for a model.

    Parameters
    ----------
    name : str
        The draft's run, for the error.
    model, draft : GPT
        The model that writes, and the one that guesses.
    tokenizer, other : Tokenizer
        The tokenizers of both.

    Raises
    ------
    UserError
        Its tokens are others, or one of the models has no key-value cache.
    """
    same = tokenizer.backend.get_vocab(with_added_tokens=True) == other.backend.get_vocab(with_added_tokens=True)
    if not same or model.settings.vocabulary != draft.settings.vocabulary:
        raise UserError(
            f"--draft {name}: its tokens are not those of the model. Train it on the same text with the same tokenizer."
        )
    if not (model.has_cache and draft.has_cache):
        raise UserError(
            f"--draft {name}: guessing ahead needs models with a key-value cache, which the plain preset and learners' "
            "own blocks do not have. Leave --draft out."
        )


def write_sample(run: Run, prompt: str, tokens: int, seed: int = 0, characters: int | None = None) -> str:
    """Return a prompt and the text that a run goes on with, cut after so many ``characters`` in all."""
    model, tokenizer, _ = open_gpt(run)
    drawn = continue_text(
        model, tokenizer, encode_prompt(prompt, tokenizer), tokens, generator=torch.Generator().manual_seed(seed)
    )
    text = prompt
    for _, piece in drawn:
        text += piece
        if characters is not None and len(text) >= characters:
            break
    return text[:characters]


def check_sampling(tokens: int, temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Refuse options that make no sense, each with one line."""
    if tokens < 1:
        raise UserError(f"--tokens {tokens}: must be at least 1.")
    if tokens > MOST_TOKENS:
        raise UserError(f"--tokens {tokens}: must be at most {MOST_TOKENS}.")
    # In between, the scores divided by the temperature are more than the numbers hold.
    if temperature != 0 and not LEAST_TEMPERATURE <= temperature <= MOST_TEMPERATURE:
        raise UserError(
            f"--temperature {temperature}: must be 0 (always the likeliest), or from {LEAST_TEMPERATURE:g} to "
            f"{MOST_TEMPERATURE:g}."
        )
    if top_k is not None and top_k < 1:
        raise UserError(f"--top-k {top_k}: must be at least 1.")
    if top_p is not None and not 0 < top_p <= 1:
        raise UserError(f"--top-p {top_p}: must be above 0 and at most 1.")
