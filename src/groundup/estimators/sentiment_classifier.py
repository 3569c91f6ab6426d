"""A scikit-learn classifier of texts into two or more classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from groundup.estimators.sentiment_classes import learn, to_probabilities
from groundup.estimators.sentiment_models import SMOOTHING, Shares, plan_training
from groundup.training.loop import fit
from groundup.training.threads import use_threads

MODELS = ("ratios", "average")


class SentimentClassifier(ClassifierMixin, BaseEstimator):
    """Judge texts by their words, pairs of words and pieces of words.

    Parameters
    ----------
    model : {"ratios", "average"}
        ``ratios`` scales every feature by its naive-Bayes log-count ratio and trains a weight for it;
        ``average`` is the course's average of word vectors with one linear layer.
    epochs : int
        Passes over the texts, at least.
    least_steps : int
        Steps at least: few texts are passed over more often.
    batch_size : int
        Texts a step.
    learning_rate : float
        Adam's at the beginning; it falls to zero. 0.02 suits ``ratios``, 0.01 ``average``.
    smoothing : float
        Sentences added to every count, for ``ratios``.
    random_state : int, RandomState or None
        Chooses the order of the texts and the first weights.

    Attributes
    ----------
    classes_ : array of shape (class,)
        The labels, sorted; of two, the second is the positive one.
    model_ : nn.Module
        The trained model.

    Examples
    --------
    >>> texts = ["good fun", "what a good day", "a bad day", "bad luck"]
    >>> classifier = SentimentClassifier(random_state=0).fit(texts, ["+", "+", "-", "-"])
    >>> classifier.predict(["good luck to you", "bad news"])
    array(['+', '-'], dtype='<U1')
    """

    def __init__(
        self,
        model: str = "ratios",
        *,
        epochs: int = 2,
        least_steps: int = 200,
        batch_size: int = 64,
        learning_rate: float = 0.02,
        smoothing: float = SMOOTHING,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.least_steps = least_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.smoothing = smoothing
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: Any) -> SentimentClassifier:
        """Train on texts and their labels.

        Parameters
        ----------
        X : sequence of str
            The texts.
        y : sequence
            A label each; two or more different ones.

        Raises
        ------
        ValueError
            A text is no string, all labels are the same, or a parameter is out of range.
        """
        self._check_parameters()
        if y is None:
            raise ValueError("SentimentClassifier requires y to be passed, but the target y is None")
        texts = _check_texts(X)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(texts, labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("y has 1 class, two or more can be told apart")
        seed = int(check_random_state(self.random_state).randint(2**31))
        with torch.random.fork_rng(devices=[]), use_threads(1):
            torch.manual_seed(seed)
            marks = (codes == 1).tolist() if len(self.classes_) == 2 else codes.tolist()
            class_count = len(self.classes_) if len(self.classes_) > 2 else None
            model, prepared = learn(self.model, texts, marks, class_count, smoothing=self.smoothing)
            plan = plan_training(
                model,
                prepared,
                marks,
                epochs=self.epochs,
                least_steps=self.least_steps,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                seed=seed,
            )
            fit(plan)
        self.model_ = model
        return self

    def decision_function(self, X: Sequence[str]) -> np.ndarray:
        """Return the logit of the second class for each text; of more than two classes, those of all."""
        check_is_fitted(self)
        return self.model_.score(_check_texts(X))

    def predict_proba(self, X: Sequence[str]) -> np.ndarray:
        """Return the probability of each class, shape (text, class)."""
        logits = self.decision_function(X)
        if logits.ndim == 2:
            return to_probabilities(logits)
        second = np.exp(-np.logaddexp(0, -logits.astype(float)))
        return np.column_stack([1 - second, second])

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return the likeliest label of each text."""
        logits = self.decision_function(X)
        return self.classes_[logits.argmax(axis=1) if logits.ndim == 2 else (logits > 0).astype(int)]

    def share(self, text: str) -> Shares:
        """Return each word's share of a text's logit, of more than two classes of the likeliest one's; see `Shares`."""
        check_is_fitted(self)
        return self.model_.share(text)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags

    def _check_parameters(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"model={self.model!r}: choose one of {', '.join(MODELS)}")
        for name, low in (("epochs", 1), ("least_steps", 1), ("batch_size", 1)):
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or value < low:
                raise ValueError(f"{name}={value!r}: expected a whole number, at least {low}")
        for name in ("learning_rate", "smoothing"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)!r}: expected a number above 0")


def _check_texts(X: Any) -> list[str]:
    if isinstance(X, str):
        raise ValueError("X is one string: expected a sequence of texts, for example [text]")
    texts = list(X)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"X[{row}] is {type(text).__name__}: every text is a str")
    if not texts:
        raise ValueError("X holds no texts: at least one is needed")
    return texts
