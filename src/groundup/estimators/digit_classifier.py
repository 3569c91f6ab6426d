"""The digit network as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor
from torch.nn import functional

from groundup.models.fast_dropout import use_fast_dropout
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.precision import pick_precision
from groundup.training.schedules import warmup_stable_decay
from groundup.training.shuffling import Shuffle


class DigitClassifier(ClassifierMixin, BaseEstimator):
    """Two linear layers with a ReLU and dropout between them, trained on cross-entropy.

    Made for rows of pixels, it takes any numeric features of a like scale (all are shifted and scaled together, so
    that an empty pixel stays what it is) and any labels.

    Parameters
    ----------
    hidden : int, default=512
        Nodes of the hidden layer.
    dropout : float, default=0.2
        The probability that a hidden node is off in training, 0 to below 1.
    epochs : int, default=None
        Passes over the rows; 3 by default, and more where that makes fewer than 300 steps.
    batch_size : int, default=256
        Rows a step; all of them where there are fewer.
    learning_rate : float, default=0.003
        AdamW's step size at its highest: it rises over the first twentieth of the steps, then falls to 0.
    weight_decay : float, default=0.1
        How strongly AdamW pulls weights to 0.
    label_smoothing : float, default=0.1
        The share of the target that is given to all classes alike, 0 to below 1.
    precision : {"auto", "float32", "bfloat16"}, default="auto"
        Numbers in matrix products in training; "auto" is bfloat16 where the processor multiplies it.
    random_state : int, RandomState or None, default=None
        Seeds weights, order and dropout: the same number gives the same weights bit for bit on one machine.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    network_ : groundup.steps.c4_training.digits.DigitNetwork
        The trained network, in float64; it takes features scaled as ``(X - mean_) / spread_``.
    mean_, spread_ : float
        Of all features of all rows together.
    history_ : list of dict
        Step, loss and accuracy in training.
    n_features_in_ : int
        Features of a row.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = DigitClassifier(random_state=0).fit(X[:1500], y[:1500])
    >>> bool(model.score(X[1500:], y[1500:]) > 0.9)
    True
    """

    def __init__(  # noqa: PLR0913 - scikit-learn's form: a parameter per setting
        self,
        hidden: int = 512,
        dropout: float = 0.2,
        epochs: int | None = None,
        batch_size: int = 256,
        learning_rate: float = 3e-3,
        weight_decay: float = 0.1,
        label_smoothing: float = 0.1,
        precision: str = "auto",
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.precision = precision
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> DigitClassifier:
        """Train on rows and their labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers, all finite.
        y : array-like of shape (n_samples,)
            Labels of two classes or more.

        Returns
        -------
        DigitClassifier
            Itself.

        Raises
        ------
        ValueError
            A parameter is out of bounds, or the data is not as above.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"DigitClassifier needs two classes or more, y holds one class only: {self.classes_[0]!r}")
        self.mean_ = float(X.mean())
        self.spread_ = float(X.std()) or 1.0
        inputs = torch.from_numpy(((X - self.mean_) / self.spread_).astype(np.float32))
        targets = torch.from_numpy(places.astype(np.int64))
        seed = int(check_random_state(self.random_state).randint(2**31))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = DigitNetwork(X.shape[1], self.hidden, len(self.classes_), self.dropout)
            use_fast_dropout(network)
            self.history_ = fit(self._make_plan(network, inputs, targets, seed))
        # In float64 a row's answer does not depend on the rows it is asked with.
        self.network_ = network.double()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return each class's probability, shape (n_samples, n_classes), in the order of ``classes_``."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        with torch.inference_mode():
            scores = self.network_(torch.from_numpy((X - self.mean_) / self.spread_))
        return scores.softmax(1).numpy()

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest label of every row, shape (n_samples,)."""
        likeliest = self.predict_proba(X).argmax(1)
        return self.classes_[likeliest]

    def _check_parameters(self) -> None:
        for name in ("hidden", "batch_size", "epochs"):
            value = getattr(self, name)
            if not (name == "epochs" and value is None) and (int(value) != value or value < 1):
                raise ValueError(f"{name} = {value!r}: expected a whole number of at least 1")
        for name in ("dropout", "label_smoothing"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)!r}: expected a number from 0 to below 1")
        if not self.learning_rate > 0 or not self.weight_decay >= 0:
            raise ValueError("learning_rate must be above 0 and weight_decay at least 0")

    def _make_plan(self, network: DigitNetwork, inputs: Tensor, targets: Tensor, seed: int) -> Plan:
        shuffle = Shuffle(len(inputs), self.batch_size, seed)
        steps = shuffle.steps_per_epoch * (self.epochs or 3)

        def batches(step: int) -> tuple[Tensor, Tensor]:
            places = shuffle(step)
            return inputs.index_select(0, places), targets.index_select(0, places)

        return Plan(
            model=network,
            loss_function=lambda scores, truth: functional.cross_entropy(
                scores.float(), truth, label_smoothing=self.label_smoothing
            ),
            optimizer=torch.optim.AdamW(
                network.parameters(),
                lr=self.learning_rate,
                betas=(0.9, 0.95),
                weight_decay=self.weight_decay,
                fused=True,
            ),
            batches=batches,
            steps=steps if self.epochs is not None else max(steps, 300),
            schedule=warmup_stable_decay(warm_up=0.05, fall=0.95),
            precision=pick_precision(self.precision),
            measure=lambda scores, truth: (scores.argmax(1) == truth).double().mean(),
        )
