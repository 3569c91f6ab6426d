import torch
from torch import nn


class Solution:
    def detect_dead_neurons(self, model, x):
        """Return which share of the nodes of every ReLU is 0 for all examples.

        Parameters
        ----------
        model : nn.Sequential of nn.Linear layers, with an nn.ReLU after each but the last
        x : tensor of shape (N, d), a batch of N examples

        Returns
        -------
        list of float, one number from 0 to 1 per ReLU, the first one first

        Examples
        --------
        >>> model = nn.Sequential(nn.Linear(1, 2, bias=False), nn.ReLU(), nn.Linear(2, 1))
        >>> model[0].weight.data = torch.tensor([[1.0], [-1.0]])
        >>> shares = Solution().detect_dead_neurons(model, torch.tensor([[1.0], [2.0]]))
        >>> [float(share) for share in shares]
        [0.5]
        """
        raise NotImplementedError

    def suggest_fix(self, fractions):
        """Return what helps against dead nodes.

        Parameters
        ----------
        fractions : list of float, as detect_dead_neurons returns it

        Returns
        -------
        str: "use_leaky_relu", "reinitialize", "reduce_learning_rate" or "healthy"

        Examples
        --------
        >>> Solution().suggest_fix([0.1, 0.6])
        'use_leaky_relu'
        """
        raise NotImplementedError
