"""The prediction of a GPT: the likeliest next tokens of some texts."""

from __future__ import annotations

from dataclasses import dataclass

from groundup.tasks.protocol import Report


@dataclass(frozen=True)
class NextTokens:
    """The likeliest tokens behind some texts.

    Attributes
    ----------
    texts : list of str
        Of what.
    tokens : list of list of str
        The likeliest next ones of each, the likeliest first.
    probabilities : list of list of float
        Theirs.
    """

    texts: list[str]
    tokens: list[list[str]]
    probabilities: list[list[float]]

    def report(self) -> Report:
        """Return a line for each text."""
        facts, lines = [], []
        for text, tokens, probabilities in zip(self.texts, self.tokens, self.probabilities, strict=True):
            pairs = list(zip(tokens, probabilities, strict=True))
            facts.append({"text": text, "next": [{"token": token, "probability": share} for token, share in pairs]})
            shown = "  ".join(f"{token!r} {share:.1%}" for token, share in pairs)
            lines.append(f"…{text[-40:]!r} → {shown}".replace("[", r"\["))
        return Report(facts={"predictions": facts}, lines=lines)
