import torch


class Solution:
    def train(self, model, data, epochs, context_length, batch_size, lr):
        """Train a model on windows of a text, and return the loss of the last step.

        Parameters
        ----------
        model : nn.Module, from token numbers of shape (B, T) to logits of shape (B, T, V)
        data : integer tensor of shape (N,), the numbers of the text's tokens
        epochs : int, the number of steps
        context_length : int, the length T of a window
        batch_size : int, the number B of windows per step
        lr : float, the learning rate

        Returns
        -------
        float, the loss on the last batch, before its step

        Examples
        --------
        >>> model = torch.nn.Embedding(3, 3)
        >>> model.weight.data *= 0
        >>> round(float(Solution().train(model, torch.tensor([0, 1, 2]), 1, 2, 1, 0.1)), 4)
        1.0986
        """
        raise NotImplementedError
