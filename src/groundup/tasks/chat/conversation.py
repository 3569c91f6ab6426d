"""A conversation with a trained model: it remembers the turns that fit into its context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from groundup.base.errors import UserError
from groundup.data.corpus.chat_marks import PlainEncoder, find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.chat_template import Message, encode_chat, keep_last_turns
from groundup.tasks.chat.about import about
from groundup.tasks.gpt.runs import continue_text, open_gpt

# The share of the context that is kept free for an answer.
ANSWER_SHARE = 0.25


class Conversation:
    """Messages so far, and a model that answers the last one.

    Parameters
    ----------
    model : GPT
        In evaluation mode.
    tokenizer : Tokenizer
        With the marks of the chat template.
    messages : sequence of mapping
        What was said before, such as what the system says.

    Attributes
    ----------
    messages : list of mapping
        All messages, those that no longer fit included.
    forgotten : int
        How many of them the model did not see when it answered last.
    finished : bool
        Whether its last answer ended by itself.
    """

    def __init__(self, model: GPT, tokenizer: Tokenizer, messages: Sequence[Message] = ()) -> None:
        numbers = find_marks(tokenizer)
        if numbers is None:
            raise ValueError("the tokenizer has no marks of a chat")
        self.model, self.tokenizer, self.numbers = model, tokenizer, numbers
        self.encode = PlainEncoder(tokenizer)
        self.messages: list[Message] = list(messages)
        self.forgotten, self.finished = 0, True

    def find_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens that ask for an answer to the last message, and count what is forgotten.

        Raises
        ------
        UserError
            The last turn alone does not fit, or has characters that the model does not know.
        """
        context = self.model.settings.context
        room = context - max(1, int(ANSWER_SHARE * context))

        def count(kept: Sequence[Message]) -> int:
            return len(encode_chat(kept, self.encode, self.numbers, ask=True)[0])

        kept = keep_last_turns(messages, count, room)
        if (needed := count(kept)) > room:
            raise UserError(
                f"This message has {needed} tokens with its marks, and the model sees {context} at once, of which "
                f"{context - room} are for its answer. Write a shorter one."
            )
        self.forgotten = len(messages) - len(kept)
        return encode_chat(kept, self.encode, self.numbers, ask=True)[0]

    def answer(
        self,
        text: str,
        *,
        tokens: int,
        temperature: float = 0.8,
        top_k: int | None = None,
        top_p: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Iterator[str]:
        """Yield an answer piece by piece; both messages are remembered, an interrupted answer as far as it came.

        Parameters
        ----------
        text : str
            What the user says.
        tokens : int
            The longest answer; what is left of the context may be less.
        temperature, top_k, top_p, generator
            See `groundup.steps.c5_words.sampling.choose_token`.

        Raises
        ------
        UserError
            As of `find_prompt`; nothing is remembered then.
        """
        messages = [*self.messages, {"role": "user", "content": text}]
        prompt = self.find_prompt(messages)
        most = min(tokens, self.model.settings.context - len(prompt))
        said, self.finished = "", False
        marks = set(self.numbers.values())
        drawn = continue_text(
            self.model,
            self.tokenizer,
            prompt,
            most,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            generator=generator,
        )
        try:
            for token, piece in drawn:
                if token in marks:
                    self.finished = True
                    break
                said += piece
                yield piece
        finally:
            self.messages = [*messages, {"role": "assistant", "content": said}]


def open_chat(run: Run) -> tuple[GPT, Tokenizer]:
    """Open a run that can answer.

    Raises
    ------
    UserError
        As of `groundup.tasks.gpt.runs.open_gpt`; or it was not trained on dialogues.
    """
    model, tokenizer, _ = open_gpt(run)
    if find_marks(tokenizer) is None:
        if (task := run.config["task"]) != about.begins_after:
            raise UserError(
                f"{run.folder} is a run of {task}, which answers no messages. Ask it with: groundup predict {run.name}"
            )
        raise UserError(
            f"{run.folder} continues texts, and was never trained to answer. Train it on dialogues first: "
            f"groundup train chat --from {run.name}"
        )
    return model, tokenizer
