"""``groundup generate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.base.plain_text import clean
from groundup.cli.completion import complete_run
from groundup.cli.output import MOST_SEED, AsJson, RunsFolder, Temperature, TopK, TopP, print_json, read_standard_input
from groundup.cli.predict import RunName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def generate(
    run: RunName,
    prompt: Annotated[str, typer.Option(help="The text to continue; - reads it from standard input.")] = "",
    tokens: Annotated[int, typer.Option(help="How many tokens to write.")] = 300,
    temperature: Temperature = 0.8,
    top_k: TopK = None,
    top_p: TopP = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_SEED, help="The same seed writes the same text. Default: a new seed."),
    ] = None,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="You and the model take turns.")] = False,
    draft: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="A smaller run with the same tokens that guesses ahead, which takes less time.",
            autocompletion=complete_run,
        ),
    ] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Continue a text as the run learned to write. Each word appears as soon as it is generated."""
    import torch

    from groundup.base.errors import UserError
    from groundup.tasks.gpt.runs import (
        check_draft,
        check_sampling,
        continue_text,
        encode_prompt,
        open_gpt,
        threads_to_decode,
    )
    from groundup.tasks.opening import open_run

    check_sampling(tokens, temperature, top_k, top_p)
    if interactive and (as_json or prompt == "-"):
        raise UserError("--interactive reads what you type: leave out --json and --prompt -.")
    model, tokenizer, _ = open_gpt(open_run(Path(runs), run))
    guessing = None
    if draft is not None:
        guessing, other, _ = open_gpt(open_run(Path(runs), draft))
        check_draft(draft, model, tokenizer, guessing, other)
    torch.set_num_threads(threads_to_decode(model))
    generator = torch.Generator()
    seed = generator.seed() % 2**31 if seed is None else seed
    generator.manual_seed(seed)
    if prompt == "-":
        prompt = read_standard_input()

    def go_on(seen: list[int]) -> Iterator[tuple[int, str]]:
        options = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "generator": generator}
        return continue_text(model, tokenizer, seen, tokens, draft=guessing, **options)  # type: ignore[arg-type]

    seen = encode_prompt(prompt, tokenizer)
    context = model.settings.context
    if len(seen) > context:
        note = f"The prompt has {len(seen)} tokens; this model can see {context}, so it sees the last ones."
        print(note, file=sys.stderr)
    if as_json:
        text = "".join(piece for _, piece in go_on(seen))
        print_json({"run": run, "prompt": prompt, "text": text, "tokens": tokens, "seed": seed})
    elif interactive:
        _converse(prompt, seen, go_on, lambda line: encode_prompt(line, tokenizer))
    else:
        _write(prompt)
        for _, piece in go_on(seen):
            _write(piece)
        _write("\n")


def _converse(
    prompt: str,
    seen: list[int],
    go_on: Callable[[list[int]], Iterator[tuple[int, str]]],
    encode: Callable[[str], list[int]],
) -> None:
    """Let the person and the model take turns; the model sees everything that was written so far."""
    from groundup.base.errors import UserError

    print("Type a line and press Enter; the model continues the whole text so far. Ctrl-D ends.", file=sys.stderr)
    seen = seen if prompt else []
    while True:
        try:
            line = input("> ") if sys.stdin.isatty() else input()
        except (EOFError, KeyboardInterrupt):
            _write("\n")
            return
        try:
            seen = [*seen, *encode(line + "\n")]
        except UserError as error:
            print(f"groundup: {error}", file=sys.stderr)
            continue
        try:
            for token, piece in go_on(seen):
                seen.append(token)
                _write(piece)
        except KeyboardInterrupt:  # enough of this answer
            pass
        _write("\n")


def _write(text: str) -> None:
    sys.stdout.write(clean(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()
