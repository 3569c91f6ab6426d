import torch
from torch import nn


class Solution:
    def compute_activation_stats(self, model, x):
        """Describe the outputs of every linear layer.

        Parameters
        ----------
        model : nn.Sequential of nn.Linear layers, with an nn.ReLU between them
        x : tensor of shape (N, d), a batch of N examples

        Returns
        -------
        list of dict, one per linear layer, with "mean", "std" and "dead_fraction"

        Examples
        --------
        >>> model = nn.Sequential(nn.Linear(1, 1, bias=False))
        >>> model[0].weight.data = torch.tensor([[2.0]])
        >>> stats = Solution().compute_activation_stats(model, torch.tensor([[1.0], [3.0]]))
        >>> round(float(stats[0]["mean"]), 4), round(float(stats[0]["std"]), 4)
        (4.0, 2.8284)
        """
        raise NotImplementedError

    def compute_gradient_stats(self, model, x, y):
        """Describe the gradient of every layer's weight; the loss is the mean squared error.

        Parameters
        ----------
        model : nn.Sequential, as above
        x : tensor of shape (N, d), a batch of N examples
        y : tensor of the shape of the model's output, the right answers

        Returns
        -------
        list of dict, one per linear layer, with "mean", "std" and "norm"

        Examples
        --------
        >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
        >>> model[0].weight.data = torch.tensor([[1.0, 1.0]])
        >>> x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0]])
        >>> stats = Solution().compute_gradient_stats(model, x, y)
        >>> round(float(stats[0]["norm"]), 4)
        10.0
        """
        raise NotImplementedError

    def diagnose(self, activation_stats, gradient_stats):
        """Return what is wrong with a network, if anything is.

        Parameters
        ----------
        activation_stats : list of dict, as compute_activation_stats returns it
        gradient_stats : list of dict, as compute_gradient_stats returns it

        Returns
        -------
        str: "healthy", "dead_neurons", "exploding_gradients" or "vanishing_gradients"

        Examples
        --------
        >>> activations = [{"mean": 0.0, "std": 1.0, "dead_fraction": 0.6}]
        >>> Solution().diagnose(activations, [{"mean": 0.0, "std": 1.0, "norm": 1.0}])
        'dead_neurons'
        """
        raise NotImplementedError
