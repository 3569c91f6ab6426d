"""The known mistakes in the sentiment model, as edits of `groundup.steps.c5_words.sentiment`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FORWARD, INIT, AVERAGE = "SentimentModel.forward", "SentimentModel.__init__", "average_words"
MEAN = "torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)"
COUNT = "present.sum(dim=1).clamp(min=1)"
AVERAGED = "average_words(self.embedding(words), words)"
SCORE = f"self.linear({AVERAGED})"
RETURN = f"return {SCORE}.squeeze(-1)"
LINEAR = "self.linear = nn.Linear(channel, 1)"


def average(new: str) -> list[Edit]:
    """Return the edit that makes one vector of a sentence otherwise."""
    return [Edit(MEAN, new, AVERAGE)]


def vectors(new: str) -> list[Edit]:
    """Return the edit that changes the average on its way to the linear layer."""
    return [Edit(SCORE, f"self.linear({new})", FORWARD)]


def squash(new: str) -> list[Edit]:
    """Return the edit that ends in something else than a sigmoid."""
    return [Edit(LINEAR, f"{LINEAR}\n        self.squash = lambda score: {new}", INIT)]


def use_channels(count: int) -> Mistake:
    """Return the mistake of vectors of another width."""
    return Mistake(
        f"{count} features",
        f"Your word vectors have {count} numbers: 16 are asked for.",
        [Edit("channel: int = 16", f"channel: int = {count}", INIT)],
    )


AVERAGES = [
    Mistake(
        "summed, not averaged",
        "You add the word vectors up, so long sentences get large scores: average them.",
        average("torch.where(present, vectors, 0).sum(dim=1)"),
    ),
    Mistake(
        "no average",
        "Each word gets a score of its own, shape (B, T, 1): average the words' vectors before the linear layer, mean(dim=1).",
        [Edit(RETURN, "return self.linear(self.embedding(words))", FORWARD)],
    ),
    Mistake(
        "averaged over the features",
        "You average over the last dimension, the 16 numbers of each word, which fits the linear layer only where a sentence has 16 words. "
        "Average over the words, dim=1.",
        average("vectors.mean(dim=2)"),
    ),
    Mistake(
        "divided by the root of the number of words",
        "You divide the sum of the vectors by the root of the number of words: divide by the number itself.",
        average(f"torch.where(present, vectors, 0).sum(dim=1) / {COUNT}.sqrt()"),
    ),
    Mistake(
        "divided by the number of sentences",
        "You divide the sum of the vectors by the number of sentences: divide it by the number of words.",
        average("torch.where(present, vectors, 0).sum(dim=1) / len(vectors)"),
    ),
    Mistake(
        "divided by the number of features",
        "You divide the sum of the vectors by the number of features: divide it by the number of words.",
        average("torch.where(present, vectors, 0).sum(dim=1) / vectors.shape[-1]"),
    ),
    Mistake(
        "divided by the words of the whole batch",
        "You divide by the number of words in the whole batch: each sentence is divided by its own number of words.",
        average("torch.where(present, vectors, 0).sum(dim=1) / present.sum().clamp(min=1)"),
    ),
    Mistake(
        "divided by one more than the number of words",
        "You divide by the number of words and 1: divide by the number of words.",
        average("torch.where(present, vectors, 0).sum(dim=1) / (present.sum(dim=1) + 1)"),
    ),
    Mistake(
        "padding left out of the sum only",
        "You leave the padding out when you add up, but count it when you divide: divide by how many words there are.",
        average("torch.where(present, vectors, 0).mean(dim=1)"),
    ),
    Mistake(
        "padding left out of the count only",
        "You divide by how many words there are, but the padding's vector is still in the sum: set it to 0 first.",
        average(f"vectors.sum(dim=1) / {COUNT}"),
    ),
    Mistake(
        "word 1 left out, too",
        "You leave word 1 out of the average: padding is 0 alone.",
        [Edit("words != PADDING", "words > 1", AVERAGE)],
    ),
    Mistake(
        "averaged over the sentences",
        "You average over dimension 0, the sentences of the batch, so that they see each other: average over the words of each, dim=1.",
        average("vectors.mean(dim=0)"),
    ),
    Mistake(
        "averaged over sentences and words",
        "You average over the whole batch, so that all sentences get one score: average over the words of each, dim=1.",
        average("vectors.mean(dim=(0, 1)).expand(len(vectors), -1)"),
    ),
    Mistake(
        "one score for the whole batch",
        "You average over the whole batch, so that all sentences get one score: average over the words of each, dim=1.",
        average("vectors.mean(dim=(0, 1))[None]"),
    ),
    Mistake(
        "the largest instead of the average",
        "You take each feature's largest value over the words: it is the average that is asked for.",
        average("vectors.amax(dim=1)"),
    ),
    Mistake(
        "the smallest instead of the average",
        "You take each feature's smallest value over the words: it is the average that is asked for.",
        average("vectors.amin(dim=1)"),
    ),
    Mistake(
        "the median instead of the average",
        "You take each feature's median over the words: it is the average that is asked for.",
        average("vectors.median(dim=1).values"),
    ),
    Mistake(
        "the product instead of the average",
        "You multiply the word vectors: average them.",
        average("vectors.prod(dim=1)"),
    ),
    Mistake(
        "only the first word",
        "You use the first word's vector only: average over all words.",
        average("vectors[:, 0]"),
    ),
    Mistake(
        "only the last word",
        "You use the last word's vector only: average over all words.",
        average("vectors[:, -1]"),
    ),
    Mistake(
        "the first word left out",
        "You leave the first word out of the average: average over all words.",
        average("vectors[:, 1:].mean(dim=1)"),
    ),
    Mistake(
        "the last word left out",
        "You leave the last word out of the average: average over all words.",
        average("vectors[:, :-1].mean(dim=1)"),
    ),
    Mistake(
        "each word once",
        "You average over the different words: a word that occurs twice counts twice.",
        average(
            "torch.stack([rows[[list(row).index(one) for one in dict.fromkeys(row)]].mean(0) "
            "for rows, row in zip(vectors, words.tolist())])"
        ),
    ),
    Mistake(
        "average rounded to 2 places",
        "You round the average before the linear layer: round the result alone, if at all.",
        vectors(f"{AVERAGED}.round(decimals=2)"),
    ),
    Mistake(
        "average brought to length 1",
        "You normalize the average: the linear layer takes it as it is.",
        vectors(f"nn.functional.normalize({AVERAGED}, dim=-1)"),
    ),
    Mistake(
        "average normalized",
        "You put a layer normalization after the average: the linear layer takes it as it is.",
        vectors(f"nn.functional.layer_norm({AVERAGED}, (16,))"),
    ),
]

BETWEEN = [
    Mistake(
        "ReLU in between",
        "You put a ReLU after the average. Leave it out: up to the sigmoid this model is linear, and therefore "
        "the score is a sum of one share per word.",
        vectors(f"{AVERAGED}.relu()"),
    ),
    Mistake(
        "tanh in between",
        "You put a tanh after the average: the linear layer takes the average as it is.",
        vectors(f"{AVERAGED}.tanh()"),
    ),
    Mistake(
        "sigmoid in between",
        "You squash the average with a sigmoid: the sigmoid comes last, once.",
        vectors(f"{AVERAGED}.sigmoid()"),
    ),
    Mistake(
        "softmax in between",
        "You put a softmax after the average: the linear layer takes the average as it is.",
        vectors(f"{AVERAGED}.softmax(dim=-1)"),
    ),
    Mistake(
        "sigmoid before the average",
        "You squash the word vectors before averaging: the sigmoid comes last, once.",
        vectors("average_words(self.embedding(words).sigmoid(), words)"),
    ),
    Mistake(
        "ReLU before the average",
        "You put a ReLU after the embedding: the word vectors are averaged as they are.",
        vectors("average_words(self.embedding(words).relu(), words)"),
    ),
    Mistake(
        "tanh before the average",
        "You put a tanh after the embedding: the word vectors are averaged as they are.",
        vectors("average_words(self.embedding(words).tanh(), words)"),
    ),
    Mistake(
        "sigmoid of each word, then the average",
        "You score each word separately, squash the scores, and average them: average the vectors first; the "
        "sigmoid comes last.",
        [
            Edit(LINEAR, f"{LINEAR}\n        self.squash = lambda score: score", INIT),
            Edit(
                RETURN, "return average_words(self.linear(self.embedding(words)).sigmoid(), words).squeeze(-1)", FORWARD
            ),
        ],
    ),
    Mistake(
        "dropout in training",
        "In training you drop something at random: no dropout is asked for here.",
        vectors(f"nn.functional.dropout({AVERAGED}, 0.2, self.training)"),
    ),
    Mistake(
        "dropout in evaluation, too",
        "You drop something at random, and in evaluation, too: no dropout is asked for here.",
        vectors(f"nn.functional.dropout({AVERAGED}, 0.2, True)"),
    ),
]

ENDS = [
    Mistake(
        "softmax over one output",
        "A softmax over a single output is always 1. A yes-or-no answer needs a sigmoid.",
        squash("score.softmax(dim=-1)"),
    ),
    Mistake(
        "softmax over the batch",
        "Your softmax runs over the sentences, so that their scores add up to 1: a sigmoid of each is asked for.",
        squash("score.softmax(dim=0)"),
    ),
    Mistake(
        "sigmoid twice",
        "You apply the sigmoid twice. Once is enough.",
        squash("score.sigmoid().sigmoid()"),
    ),
    Mistake(
        "tanh at the end",
        "Your last operation is tanh, which gives numbers from −1 to 1: a probability lies between 0 and 1, as "
        "the sigmoid gives it.",
        squash("score.tanh()"),
    ),
    Mistake(
        "ReLU at the end",
        "Your last operation is a ReLU. Use a sigmoid there: it returns a probability.",
        squash("score.relu()"),
    ),
    Mistake(
        "ReLU before the sigmoid",
        "You put a ReLU between the linear layer and the sigmoid, so that no probability is below one half: leave it out.",
        squash("score.relu().sigmoid()"),
    ),
    Mistake(
        "tanh before the sigmoid",
        "You put a tanh between the linear layer and the sigmoid: leave it out.",
        squash("score.tanh().sigmoid()"),
    ),
    Mistake(
        "sign turned",
        "You change the sign of the score: it is 1 / (1 + exp(−score)).",
        squash("(-score).sigmoid()"),
    ),
    Mistake(
        "minus the score",
        "Positive and negative are exchanged: your score falls where it should rise. Look for a minus before the "
        "sigmoid, or for 1 − the result.",
        squash("-score"),
    ),
    Mistake(
        "log-sigmoid at the end",
        "Your last operation is the logarithm of the sigmoid: the sigmoid itself is asked for.",
        squash("nn.functional.logsigmoid(score)"),
    ),
    Mistake(
        "a class instead of the probability",
        "You round the probability to 0 or 1: return the probability itself.",
        squash("score.sigmoid().round()"),
    ),
    Mistake(
        "rounded to 2 places",
        "You round to 2 decimal places. Keep at least 4 decimal places, or do not round.",
        squash("score.sigmoid().round(decimals=2)"),
    ),
    Mistake(
        "rounded to 3 places",
        "You round to 3 decimal places. Keep at least 4 decimal places, or do not round.",
        squash("score.sigmoid().round(decimals=3)"),
    ),
    Mistake(
        "rounded to 1 place",
        "You round to 1 decimal place. Keep at least 4 decimal places, or do not round.",
        squash("score.sigmoid().round(decimals=1)"),
    ),
    Mistake(
        "score rounded before the sigmoid",
        "You round the score before the sigmoid: round the result alone, if at all.",
        squash("score.round().sigmoid()"),
    ),
    Mistake(
        "a row instead of a column",
        "Your result has the shape (B,): the shape is (B, 1). Leave the squeeze out.",
        squash("score.sigmoid()[:, 0]"),
    ),
    Mistake(
        "a row instead of a column, logits",
        "Your result has the shape (B,): the shape is (B, 1). Leave the squeeze out.",
        squash("score[:, 0]"),
    ),
    Mistake(
        "all dimensions of size 1 lost",
        "Your result loses every dimension of size 1, so that one sentence alone gives a single number: the shape is (B, 1). Leave the "
        "squeeze out.",
        squash("score.sigmoid().squeeze()"),
    ),
    Mistake(
        "a dimension too many",
        "Your result has the shape (B, 1, 1): average over the words first, and keep no dimension of it.",
        squash("score.sigmoid()[:, None]"),
    ),
    Mistake(
        "averaged over the batch at the end",
        "You average the probabilities of the batch: each sentence has its own.",
        squash("score.sigmoid().mean()"),
    ),
]

WEIGHTS = [
    *map(use_channels, (8, 32, 64, 10, 128)),
    Mistake(
        "bias left out",
        "Your linear layer has no bias: leave it on.",
        [Edit("nn.Linear(channel, 1)", "nn.Linear(channel, 1, bias=False)", INIT)],
    ),
    Mistake(
        "one row too many in the embedding",
        "Your embedding has vocabulary_size + 1 rows: padding is counted already, so it is vocabulary_size.",
        [Edit("nn.Embedding(vocabulary_size, channel)", "nn.Embedding(vocabulary_size + 1, channel)", INIT)],
    ),
    Mistake(
        "two rows too many in the embedding",
        "Your embedding has vocabulary_size + 2 rows: all are counted already, so it is vocabulary_size.",
        [Edit("nn.Embedding(vocabulary_size, channel)", "nn.Embedding(vocabulary_size + 2, channel)", INIT)],
    ),
    Mistake(
        "a hidden layer too many",
        "You have a hidden linear layer: there is one linear layer alone.",
        [
            Edit(LINEAR, f"self.hidden = nn.Linear(channel, channel)\n        {LINEAR}", INIT),
            Edit(SCORE, f"self.linear(self.hidden({AVERAGED}))", FORWARD),
        ],
    ),
    Mistake(
        "a hidden layer with a ReLU too many",
        "You have a hidden linear layer with a ReLU: there is one linear layer alone.",
        [
            Edit(LINEAR, f"self.hidden = nn.Linear(channel, channel)\n        {LINEAR}", INIT),
            Edit(SCORE, f"self.linear(self.hidden({AVERAGED}).relu())", FORWARD),
        ],
    ),
    Mistake(
        "gradients detached",
        "The score is right, but no gradient reaches the word vectors: something is detached or computed under no_grad.",
        [Edit("self.embedding(words), words", "self.embedding(words).detach(), words", FORWARD)],
    ),
]

MISTAKES = [*AVERAGES, *BETWEEN, *ENDS, *WEIGHTS]
