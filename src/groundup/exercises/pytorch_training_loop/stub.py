import torch


class Solution:
    def train(self, model, loss_function, optimizer, inputs, targets, epochs, batch_size):
        """Train a network on batches of examples.

        Parameters
        ----------
        model : nn.Module, called as model(inputs)
        loss_function : function, (prediction, targets) to a loss, a tensor of shape ()
        optimizer : object with zero_grad() and step()
        inputs : tensor of shape (N, …), N examples
        targets : tensor of shape (N, …), the truth of each example
        epochs : int, the number of passes over all examples
        batch_size : int, the number of examples per step

        Returns
        -------
        list of float, the loss of every step

        Examples
        --------
        >>> model = torch.nn.Linear(1, 1)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> mse = torch.nn.functional.mse_loss
        >>> x, y = torch.ones(5, 1), torch.ones(5, 1)
        >>> len(Solution().train(model, mse, optimizer, x, y, 3, 2))
        9
        """
        raise NotImplementedError
