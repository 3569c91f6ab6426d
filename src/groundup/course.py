"""The course, stated once: its chapters, their topics, and the steps, exercises and lesson of each, in order.

Everything that has an order takes it from here: the folders of `groundup.steps`, the ladder of exercises, the lessons,
the lab's map and the README's table. Nothing is asked before it was taught.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One idea of the course.

    Attributes
    ----------
    title : str
        What it is, in the field's words.
    steps : tuple of str
        The modules that teach it, in the chapter's folder.
    exercises : tuple of str
        The exercises that ask for it, easiest first.
    lesson : str or None
        The lesson that shows it.
    """

    title: str
    steps: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    lesson: str | None = None


@dataclass(frozen=True)
class Chapter:
    """A chapter: a folder of steps.

    Attributes
    ----------
    number : int
        Its place, from 1.
    name : str
        One word.
    about : str
        What is learned, in half a sentence.
    topics : tuple of Topic
        In order.
    """

    number: int
    name: str
    about: str
    topics: tuple[Topic, ...]

    @property
    def folder(self) -> str:
        """The folder in `groundup.steps`, numbered so that a list of folders shows the order."""
        return f"c{self.number}_{self.name.lower()}"

    @property
    def steps(self) -> tuple[str, ...]:
        """Its modules in the order in which they are read."""
        return tuple(step for topic in self.topics for step in topic.steps)

    @property
    def exercises(self) -> tuple[str, ...]:
        """Its exercises in the order in which they are asked."""
        return tuple(name for topic in self.topics for name in topic.exercises)


CHAPTERS = (
    Chapter(
        1,
        "Descent",
        "follow the gradient downhill",
        (
            Topic("Gradient descent in one variable", ("gradient_descent",), ("gradient-descent",), "descending"),
            Topic("Several variables", ("descent",), ("descent-in-several-variables",), "directions"),
            Topic("Checking a gradient", ("numerical_gradient",), ("gradient-check",), "directions"),
        ),
    ),
    Chapter(
        2,
        "Regression",
        "a line through data, found by gradient descent",
        (
            Topic("A line through data", ("regression",), (), "regression"),
            Topic("Linear regression", (), ("regression-forward", "regression-training"), "features"),
            Topic("The training loop with a bias", (), ("training-loop",), "features"),
            Topic("Logistic regression", ("logistic",), ("logistic-regression",), "classification"),
        ),
    ),
    Chapter(
        3,
        "Networks",
        "neurons, layers and backpropagation, by hand in NumPy",
        (
            Topic("Activations", ("activation",), ("activations",), "neuron"),
            Topic("Softmax and cross-entropy", ("loss",), ("softmax", "cross-entropy"), "losses"),
            Topic("One neuron and its gradient", ("neuron",), ("neuron", "neuron-backward"), "neuron"),
            Topic("Several layers", ("backpropagation",), ("network-forward",), "network"),
            Topic("Backpropagation", (), ("two-layer-backward",), "nudges"),
            Topic("Automatic differentiation", ("autograd",), ("autograd-engine",), "backpropagation"),
        ),
    ),
    Chapter(
        4,
        "Training",
        "networks in PyTorch, and what makes them learn well",
        (
            Topic("Tensors", ("tensors",), ("tensors",), "shapes"),
            Topic("Linear layers", ("linear",), ("linear",), "shapes"),
            Topic("A model as a class", ("network",), ("model-class",), "shapes"),
            Topic("The loss of logits", (), ("loss-from-logits",), "losses"),
            Topic("The training loop", ("training_loop",), ("pytorch-training-loop",), "loop"),
            Topic("Gradient accumulation", ("gradient_accumulation",), ("gradient-accumulation",), "loop"),
            Topic("Optimizers", ("optimisers",), ("optimiser",), "optimisers"),
            Topic("Learning-rate schedules", ("schedule",), ("learning-rate-schedule",), "schedules"),
            Topic("Gradient clipping", ("gradient_clipping",), ("gradient-clipping",), "schedules"),
            Topic("Early stopping", ("early_stopping",), ("early-stopping",), "overfitting"),
            Topic("Weight decay and dropout", ("dropout",), ("dropout",), "regularisation"),
            Topic("Handwritten digits", ("digits",), ("digits-network", "evaluation"), "digits"),
            Topic("Convolution", ("convolution",), (), "convolution"),
            Topic("Initialization", ("initialisation",), ("initialisation",), "signals"),
            Topic("Diagnostics", ("diagnostics",), ("diagnostics", "dead-relu"), "signals"),
        ),
    ),
    Chapter(
        5,
        "Words",
        "text as numbers, and numbers that stand for meaning",
        (
            Topic("Vocabularies", ("vocabulary",), ("vocabulary",), "vocabulary"),
            Topic("Windows of a text", ("batches",), ("data-set", "data-loader"), "vocabulary"),
            Topic("Bigrams", ("bigram",), ("bigram-counts", "neural-bigram"), "bigram"),
            Topic("Perplexity", ("perplexity",), ("perplexity",), "bigram"),
            Topic("Sampling", ("sampling",), ("sampling",), "bigram"),
            Topic("Sentences as numbers", (), ("text-data-set", "unknown-words"), "vocabulary"),
            Topic("Embeddings", ("embedding",), ("one-hot", "embedding", "cosine-neighbours"), "embedding"),
            Topic("Sentiment", ("sentiment",), ("masked-mean", "sentiment-model"), "sentiment"),
            Topic("Byte pairs", ("byte_pair", "greedy_tokenizer"), ("byte-pair", "tokenizer-edges"), "vocabulary"),
        ),
    ),
    Chapter(
        6,
        "GPT",
        "attention, the transformer block, and a model that talks",
        (
            Topic("Attention", ("attention",), ("attention-scores", "self-attention"), "attention"),
            Topic("Several heads", (), ("multi-head-attention",), "attention"),
            Topic("Normalization", ("normalisation",), ("layer-norm", "rms-norm", "batch-norm"), "normalisation"),
            Topic("Positions", ("positions",), ("positional-encoding",), "transformer"),
            Topic(
                "The block and the model",
                ("gpt_settings", "cache", "plain_block", "transformer", "gpt", "plain_gpt"),
                ("transformer-block", "gpt"),
                "transformer",
            ),
            Topic("Rotary positions", (), ("rotary-positions",), "modern"),
            Topic("A feed-forward with a gate", (), ("gated-feed-forward",), "modern"),
            Topic("The block of today's models", (), ("modern-block",), "modern"),
            Topic("Training a GPT", ("gpt_training",), ("gpt-training",), "training"),
            Topic("A GPT that talks", ("generate",), ("gpt-talks",), "sampling"),
            Topic("Top-p", (), ("nucleus-sampling",), "sampling"),
            Topic("The key-value cache", ("cached_attention",), ("key-value-cache",), "sampling"),
        ),
    ),
    Chapter(
        7,
        "Beyond",
        "a GPT that goes on learning, answers, and runs faster",
        (
            Topic("The chat template", ("chat_template",), ("chat-template",), "answering"),
            Topic("The loss on the answers", ("answer_loss",), ("answer-loss",), "answering"),
            Topic("Packing", ("packing",), ("packing",), "answering"),
            Topic("Changes of low rank", ("lora",), ("lora",), "adapting"),
            Topic("Rewards and advantages", ("reward",), ("advantage",), "rewards"),
            Topic("The policy gradient", ("policy_gradient",), ("policy-loss",), "rewards"),
            Topic("Preferences", ("preference",), ("preference-loss",), "preferences"),
            Topic("Grouped queries", (), ("grouped-query-attention",), "efficiency"),
            Topic("Attention in tiles", ("tiled_attention",), ("tiled-attention",), "efficiency"),
            Topic("Mixture of experts", ("experts",), ("mixture-of-experts",), "efficiency"),
            Topic("Quantization", ("quantisation",), ("quantisation",), "rounding"),
            Topic("Speculative decoding", ("speculative",), ("speculative-decoding",), "guessing"),
            Topic("Looking inside", ("logit_lens", "ablation"), (), "inside"),
            Topic("Induction heads", ("head_scores",), ("induction-score",), "inside"),
        ),
    ),
)

TOPICS = tuple(topic for chapter in CHAPTERS for topic in chapter.topics)
EXERCISES = tuple(name for topic in TOPICS for name in topic.exercises)
LESSONS = tuple(dict.fromkeys(topic.lesson for topic in TOPICS if topic.lesson))


def list_exercises(lesson: str) -> tuple[str, ...]:
    """Return the exercises that a lesson leads to, in the order of the course.

    Examples
    --------
    >>> list_exercises("sentiment")
    ('masked-mean', 'sentiment-model')
    """
    return tuple(name for topic in TOPICS if topic.lesson == lesson for name in topic.exercises)


def find_chapter(exercise: str) -> Chapter:
    """Return the chapter that an exercise belongs to; KeyError if there is none of that name."""
    return {name: chapter for chapter in CHAPTERS for name in chapter.exercises}[exercise]


def find_lesson_chapter(lesson: str) -> Chapter:
    """Return the chapter in which a lesson first stands; StopIteration where there is none of that name."""
    return next(chapter for chapter in CHAPTERS if any(topic.lesson == lesson for topic in chapter.topics))


def find_next(exercise: str) -> tuple[str, str] | None:
    """Return what follows an exercise: ``"lesson"`` or ``"exercise"``, and its name; None behind the last.

    Examples
    --------
    >>> find_next("gradient-descent")
    ('lesson', 'directions')
    >>> find_next("regression-forward")
    ('exercise', 'regression-training')
    """
    order: dict[tuple[str, str], None] = {}
    for topic in TOPICS:
        if topic.lesson:
            order.setdefault(("lesson", topic.lesson))
        order |= dict.fromkeys(("exercise", name) for name in topic.exercises)
    places = list(order)
    following = places.index(("exercise", exercise)) + 1
    return places[following] if following < len(places) else None


def find_step(name: str) -> str:
    """Return the module of a step.

    Raises
    ------
    KeyError
        There is no such step.

    Examples
    --------
    >>> find_step("dropout")
    'groundup.steps.c4_training.dropout'
    """
    return {step: f"groundup.steps.{chapter.folder}.{step}" for chapter in CHAPTERS for step in chapter.steps}[name]


def write_table() -> str:
    """Return the README's table of chapters and steps, in Markdown."""
    lines = ["| chapter | steps, in order |", "|---|---|"]
    for chapter in CHAPTERS:
        root = f"src/groundup/steps/{chapter.folder}"
        steps = " · ".join(f"[{step.replace('_', ' ')}]({root}/{step}.py)" for step in chapter.steps)
        lines.append(f"| {chapter.number}. [{chapter.name}]({root}): {chapter.about} | {steps} |")
    return "\n".join(lines)
