"""A trained gpt run opened again: its model, its tokenizer, and text from it."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from groundup.data.tokens import TextStream, Tokenizer, read_tokenizer_file
from groundup.errors import UserError
from groundup.steps.gpt import GPT
from groundup.steps.gpt_settings import GPTSettings
from groundup.steps.plain_gpt import PlainGPT
from groundup.tasks.gpt_corpus import TOKENIZER
from groundup.tasks.gpt_recipe import build_model
from groundup.tasks.parts import Parts
from groundup.training.checkpoint import load_into
from groundup.training.runs import Run

SMALL_WEIGHTS = 4_000_000
BEST, LAST = "best.safetensors", "model.safetensors"


def open_gpt(run: Run) -> tuple[GPT | PlainGPT, Tokenizer, str]:
    """Rebuild a run's model, ready to use.

    Returns
    -------
    model : GPT or PlainGPT
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
    if run.config["task"] != "gpt":
        raise UserError(
            f"{run.folder} is a run of {run.config['task']}, not of gpt: there is no text in it. "
            "Train one: groundup train gpt"
        )
    if "model" not in run.config:
        raise UserError(f"{run.folder}: training has not begun. Go on: groundup train gpt --run {run.name} --resume")
    try:
        settings = GPTSettings(**run.config["model"])
    except TypeError as error:
        raise UserError(f"{run.path('config.json')}: damaged ({error}). Train again with another --run.") from error
    tokenizer = read_tokenizer_file(run.path(TOKENIZER))
    if tokenizer.size != settings.vocabulary:
        raise UserError(
            f"{run.path(TOKENIZER)}: {tokenizer.size} tokens, but the weights are for {settings.vocabulary}: "
            "the tokenizer is of another run. Put the right one back."
        )
    weights = BEST if run.path(BEST).is_file() else LAST
    tensors = run.load_model(weights)
    model = build_model(settings)
    if (parts := Parts.of(run)) is not None:
        parts.put_into(model)
    load_into(model, tensors, str(run.path(weights)))
    return model.eval().requires_grad_(False), tokenizer, weights


def threads_to_decode(model: GPT | PlainGPT) -> int:
    """Return how many threads a token is worth: one for a small model, whose products end before a second one wakes.

    On a machine where other programs run, waiting for that second thread costs a hundred times the product itself.
    """
    return 1 if model.count_weights() < SMALL_WEIGHTS else torch.get_num_threads()


def encode_prompt(prompt: str, tokenizer: Tokenizer) -> list[int]:
    """Return a prompt's tokens; an empty prompt becomes a line end, after which most texts begin something.

    Raises
    ------
    UserError
        The prompt holds characters the model never saw, or is not text.
    """
    if not prompt:
        prompt = "\n" if tokenizer.can_write("\n") else tokenizer.decode([0])
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The prompt is not valid UTF-8 at character {error.start}. Type it anew.") from error
    return [int(token) for token in tokenizer.encode(prompt)]


def continue_text(
    model: GPT | PlainGPT,
    tokenizer: Tokenizer,
    prompt: list[int],
    tokens: int,
    *,
    temperature: float = 0.8,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[int, str]]:
    """Yield token after token with the text that is ready with it; see `groundup.steps.sampling`."""
    stream = TextStream(tokenizer)
    drawn = model.generate(prompt, tokens, temperature, top_k, top_p, generator)
    for place, token in enumerate(drawn, start=1):
        yield token, stream.feed(token) + (stream.finish() if place == tokens else "")


def write_sample(run: Run, prompt: str, tokens: int, seed: int = 0) -> str:
    """Return a prompt and the text that a run goes on with."""
    model, tokenizer, _ = open_gpt(run)
    drawn = continue_text(
        model, tokenizer, encode_prompt(prompt, tokenizer), tokens, generator=torch.Generator().manual_seed(seed)
    )
    return prompt + "".join(piece for _, piece in drawn)


def check_sampling(tokens: int, temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Refuse options that make no sense, each with one line."""
    if tokens < 1:
        raise UserError(f"--tokens {tokens}: must be at least 1.")
    if not 0 <= temperature < float("inf"):
        raise UserError(f"--temperature {temperature}: must be 0 (always the likeliest) or above.")
    if top_k is not None and top_k < 1:
        raise UserError(f"--top-k {top_k}: must be at least 1.")
    if top_p is not None and not 0 < top_p <= 1:
        raise UserError(f"--top-p {top_p}: must be above 0 and at most 1.")
