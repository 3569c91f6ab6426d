"""``groundup chat``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.base.plain_text import clean
from groundup.cli.output import MOST_SEED, AsJson, RunsFolder, Temperature, TopK, TopP, print_json, read_standard_input
from groundup.cli.predict import RunName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groundup.tasks.chat.conversation import Conversation


def chat(
    run: RunName,
    prompt: Annotated[
        str | None, typer.Option(help="One message to answer; - reads it from standard input. Default: a conversation.")
    ] = None,
    system: Annotated[str, typer.Option(help="What the model is told before the conversation begins.")] = "",
    tokens: Annotated[int, typer.Option(help="How many tokens an answer may have.")] = 300,
    temperature: Temperature = 0.8,
    top_k: TopK = None,
    top_p: TopP = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_SEED, help="The same seed gives the same answers. Default: a new seed."),
    ] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Talk with a run that was trained on dialogues. Each word appears as soon as it is generated."""
    import torch

    from groundup.base.errors import UserError
    from groundup.tasks.chat.conversation import Conversation, open_chat
    from groundup.tasks.gpt.runs import check_sampling, threads_to_decode
    from groundup.tasks.opening import open_run

    check_sampling(tokens, temperature, top_k, top_p)
    if as_json and prompt is None:
        raise UserError("--json prints one answer. Give the message with --prompt.")
    model, tokenizer = open_chat(open_run(Path(runs), run))
    torch.set_num_threads(threads_to_decode(model))
    generator = torch.Generator()
    seed = generator.seed() % 2**31 if seed is None else seed
    generator.manual_seed(seed)
    conversation = Conversation(model, tokenizer, [{"role": "system", "content": system}] if system else [])

    def answer(text: str) -> Iterator[str]:
        return conversation.answer(
            text, tokens=tokens, temperature=temperature, top_k=top_k, top_p=top_p, generator=generator
        )

    if prompt is None:
        _converse(conversation, answer)
        return
    text = read_standard_input().removesuffix("\n") if prompt == "-" else prompt
    pieces = []
    for piece in answer(text):
        pieces.append(piece)
        if not as_json:
            _write(piece)
    if as_json:
        facts = {"run": run, "prompt": text, "answer": "".join(pieces), "finished": conversation.finished, "seed": seed}
        print_json(facts)
    else:
        _write("\n")


def _converse(conversation: Conversation, answer: Callable[[str], Iterator[str]]) -> None:
    """Let the person and the model take turns until the person ends it."""
    from groundup.base.errors import UserError

    print("Type a message and press Enter. Ctrl-C stops an answer, Ctrl-D ends.", file=sys.stderr)
    told = False
    while True:
        try:
            line = input("> ") if sys.stdin.isatty() else input()
        except (EOFError, KeyboardInterrupt):
            _write("\n")
            return
        if not line.strip():
            continue
        try:
            for piece in answer(line):
                _write(piece)
        except UserError as error:
            print(f"groundup: {error}", file=sys.stderr)
            continue
        except KeyboardInterrupt:  # enough of this answer
            pass
        _write("\n")
        if conversation.forgotten and not told:
            told = True
            context = conversation.model.settings.context
            unit = "tokens" if conversation.tokenizer.characters is None else "characters"
            print(
                f"(This model sees {context} {unit} at once. From now on it answers without the oldest messages.)",
                file=sys.stderr,
            )


def _write(text: str) -> None:
    sys.stdout.write(clean(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()
