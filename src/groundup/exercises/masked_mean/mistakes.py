"""The known mistakes in the mean of a padded batch, as edits of `groundup.steps.c5_words.sentiment`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

AVERAGE = "average_words"
PRESENT = "present = (words != PADDING).unsqueeze(-1)"
SUM, COUNT = "torch.where(present, vectors, 0).sum(dim=1)", "present.sum(dim=1).clamp(min=1)"
RESULT = f"{SUM} / {COUNT}"


def mean(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of another result."""
    return Mistake(name, says, [Edit(f"return {RESULT}", f"return {new}", AVERAGE)])


def which(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of other words that count."""
    return Mistake(name, says, [Edit(PRESENT, f"present = {new}", AVERAGE)])


MEANS = [
    mean(
        "padding averaged, too",
        "You average over all T = {T} positions, padding included. The vector of padding says nothing of the sentence: leave these positions out.",
        "vectors.mean(dim=1)",
    ),
    mean(
        "divided by the length of the batch",
        "You add the real words up, but divide by T = {T}, the length of the longest sentence. Divide by the number of real words of each sentence.",
        f"{SUM} / words.shape[1]",
    ),
    mean(
        "padding added up",
        "You divide by the number of real words, but the vectors of padding are in the sum, too: set them to 0 first.",
        f"vectors.sum(dim=1) / {COUNT}",
    ),
    mean(
        "padding added up, but for sentences without words",
        "You divide by the number of real words, but the vectors of padding are in the sum, too, except where there is nothing else: set them to 0 first.",
        f"torch.where(present.any(dim=1), vectors.sum(dim=1) / {COUNT}, 0.0)",
    ),
    mean(
        "added up, not averaged",
        "You return the sum of the words' vectors: divide by their number.",
        SUM,
    ),
    mean(
        "a sentence without words becomes NaN",
        "A sentence without words is divided by 0, which makes NaN, and one NaN spoils the loss of the whole batch. Its mean is 0: divide by at least 1.",
        f"{SUM} / present.sum(dim=1)",
    ),
    mean(
        "divided by one more",
        "You divide by the number of words + 1. Take the larger of the number and 1: clamp(min=1).",
        f"{SUM} / (present.sum(dim=1) + 1)",
    ),
    *(
        mean(
            f"{number} added to the number of words",
            f"You add {number} to the number of words, which changes every mean a little. Take the larger of the number and 1: clamp(min=1).",
            f"{SUM} / (present.sum(dim=1) + {number})",
        )
        for number in ("0.1", "0.01", "0.001")
    ),
    mean(
        "divided by the number of all words",
        "You divide by the number of words in the whole batch: each sentence has its own.",
        f"{SUM} / present.sum().clamp(min=1)",
    ),
    mean(
        "divided by the words of the first sentence",
        "You divide every sentence by the number of words of the first one: each has its own.",
        f"{SUM} / present[:1].sum(dim=1).clamp(min=1)",
    ),
    mean(
        "divided by the largest number of words",
        "You divide every sentence by the number of words of the longest: each has its own.",
        f"{SUM} / present.sum(dim=1).amax().clamp(min=1)",
    ),
    mean(
        "divided by the root of the number of words",
        "You divide by the root of the number of words: divide by the number itself.",
        f"{SUM} / {COUNT}.sqrt()",
    ),
    mean(
        "the largest of the words",
        "You take the largest number of each channel (max pooling): take the mean.",
        "torch.where(present.any(dim=1), vectors.masked_fill(~present, -torch.inf).amax(dim=1), 0.0)",
    ),
    mean(
        "averaged over the channels",
        "You average over the channels, the last dimension: average over the words, dim=1, so that d = {d} numbers stay.",
        "torch.where(present, vectors, 0).mean(dim=2)",
    ),
    mean(
        "averaged over the sentences",
        "You average over the sentences of the batch, dimension 0: each sentence has a mean of its own, over dimension 1. Python's own sum(…) runs over dimension 0, too.",
        "torch.where(present, vectors, 0).sum(dim=0) / present.sum(dim=0).clamp(min=1)",
    ),
    mean(
        "one mean for the whole batch",
        "You average over all sentences together: each sentence has a mean of its own.",
        "torch.where(present, vectors, 0).sum(dim=(0, 1)) / present.sum().clamp(min=1)",
    ),
    mean(
        "only the first word",
        "You return the vector of the first word alone: is there a return inside the loop, or an index [:, 0]?",
        "torch.where(present, vectors, 0)[:, 0]",
    ),
    mean(
        "only the last position",
        "You return the vector of the last position: in a short sentence that is padding. Average over all real words.",
        "vectors[:, -1]",
    ),
    mean(
        "a dimension in the middle",
        "Your result has a dimension too many, (B, 1, d): leave out keepdim in the sum.",
        f"({RESULT})[:, None]",
    ),
    mean(
        "dimensions of 1 lost",
        "You squeeze the result, so that dimensions of size 1 disappear: the shape is (B, d), also for one sentence.",
        f"({RESULT}).squeeze()",
    ),
    mean(
        "rounded to 2 places",
        "You round the mean to 2 decimal places, and rounding has no gradient: do not round.",
        f"({RESULT}).round(decimals=2)",
    ),
    mean(
        "no gradient",
        "The values are right, but no gradient comes through: the embeddings never learn. Look for detach(), no_grad(), tolist(), item(), or a new tensor "
        "made of old values.",
        f"({RESULT}).detach()",
    ),
    mean(
        "the vectors changed in place",
        "You set the padding to 0 in the vectors that are passed in: code that uses them afterwards gets others. Make new ones: torch.where, or a product "
        "with the mask.",
        f"vectors.masked_fill_(~present, 0).sum(dim=1) / {COUNT}",
    ),
    mean(
        "zeros written into the vectors",
        "You set the padding to 0 in the vectors that are passed in, without a gradient: code that uses them afterwards gets others, and padding gets a "
        "gradient. Make new ones: torch.where, or a product with the mask.",
        f"(vectors.detach().masked_fill_(~present, 0), vectors.sum(dim=1) / {COUNT})[1]",
    ),
]

MASKS = [
    which(
        "zeros in the vectors taken for padding",
        "You take a 0 in the vectors for padding. A word's vector may hold zeros: the ids tell what is padding, ids != 0.",
        "vectors != 0",
    ),
    which(
        "vectors of zeros taken for padding",
        "You take a vector of zeros for padding. A word's vector may be zero: the ids tell what is padding, ids != 0.",
        "(vectors != 0).any(dim=-1, keepdim=True)",
    ),
    which(
        "words after the first padding left out",
        "You stop at the first padding. Words may come after it: take every position with ids != 0.",
        "(words != PADDING).cumprod(dim=1).bool().unsqueeze(-1)",
    ),
    which(
        "the first positions taken for the words",
        "You count the real words, n, and take the first n positions. Padding may come before words, too: take every position with ids != 0.",
        "(torch.arange(words.shape[1]) < (words != PADDING).sum(dim=1, keepdim=True)).unsqueeze(-1)",
    ),
    which(
        "the word 1 taken for padding",
        "You leave out the word with the id 1, too: padding is 0 alone.",
        "(words > 1).unsqueeze(-1)",
    ),
    which(
        "the last word of the vocabulary taken for padding",
        "You leave out the largest id of the batch. Padding is 0.",
        "((words != PADDING) & (words < words.max())).unsqueeze(-1)",
    ),
    which(
        "padding kept, words left out",
        "Your mask is the wrong way round: it keeps the padding. Real words have ids != 0.",
        "(words == PADDING).unsqueeze(-1)",
    ),
    which(
        "the last word left out",
        "You leave out the last word of each sentence: does a slice end one too early?",
        "((words != PADDING) & ((words != PADDING).cumsum(dim=1) < (words != PADDING).sum(dim=1, keepdim=True))).unsqueeze(-1)",
    ),
    which(
        "the first word left out",
        "You leave out the first word of each sentence: does a slice begin one too late?",
        "((words != PADDING) & (torch.arange(words.shape[1]) > 0)).unsqueeze(-1)",
    ),
    which(
        "the words of the first sentence in all",
        "You take the same positions in every sentence, those of the first one: each has its own.",
        "(words[:1] != PADDING).unsqueeze(-1).expand(len(words), -1, -1)",
    ),
    which(
        "equal words counted once",
        "You count a word that occurs twice once: each occurrence counts.",
        "((words != PADDING) & ~(words[:, :, None] == words[:, None, :]).tril(-1).any(dim=-1)).unsqueeze(-1)",
    ),
]

WEIGHTED = [
    mean(
        "weighted by the ids",
        "You multiply the vectors by the ids. These are only names: multiply by a mask of zeros and ones, ids != 0.",
        f"(vectors * words.unsqueeze(-1)).sum(dim=1) / {COUNT}",
    ),
]

MISTAKES = [*MEANS, *MASKS, *WEIGHTED]
