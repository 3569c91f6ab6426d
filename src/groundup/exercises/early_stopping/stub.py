import torch


class Solution:
    def stop_early(self, losses, patience):
        """Return the best epoch and the last one that is trained.

        Parameters
        ----------
        losses : list of float, the validation loss after each epoch
        patience : int, after how many epochs in a row without a new best it stops

        Returns
        -------
        tuple: the best epoch and the last epoch, int, both from 0

        Examples
        --------
        >>> Solution().stop_early([0.9, 0.5, 0.6, 0.7, 0.4], 2)
        (1, 3)
        """
        raise NotImplementedError

    def train(self, model, train_epoch, validate, epochs, patience):
        """Train until nothing gets better, and give the model its best weights.

        Parameters
        ----------
        model : nn.Module
        train_epoch : function, trains the model for one epoch
        validate : function, returns the validation loss, a float
        epochs : int, the largest number of epochs
        patience : int, after how many epochs in a row without a new best it stops

        Returns
        -------
        list of float, the validation loss of every epoch that was trained

        Examples
        --------
        >>> losses = iter([0.9, 0.5, 0.6, 0.7, 0.4])
        >>> model = torch.nn.Linear(1, 1)
        >>> Solution().train(model, lambda: None, lambda: next(losses), 5, 2)
        [0.9, 0.5, 0.6, 0.7]
        """
        raise NotImplementedError
