import torch


class Solution:
    def choose_experts(self, scores, used):
        """Return the weights of the experts that each token uses, and which these are.

        Parameters
        ----------
        scores : float tensor of shape (N, E)
            The router's scores.
        used : int
            k, how many experts a token uses.

        Returns
        -------
        weights, chosen : a float and an integer tensor of shape (N, k), the largest score first

        Examples
        --------
        >>> weights, chosen = Solution().choose_experts(torch.tensor([[1.0, 3.0, 2.0]]), 2)
        >>> [round(weight, 4) for weight in weights[0].tolist()], chosen.tolist()
        ([0.7311, 0.2689], [[1, 2]])
        """
        raise NotImplementedError

    def mix_experts(self, x, weights, chosen, experts):
        """Return the weighted sum of what each token's experts return.

        Parameters
        ----------
        x : float tensor of shape (N, C)
        weights : float tensor of shape (N, k)
        chosen : integer tensor of shape (N, k)
        experts : tuple of functions
            Each takes a float tensor of shape (n, C), and returns one of the same shape.

        Returns
        -------
        float tensor of shape (N, C)

        Examples
        --------
        >>> experts = (lambda x: 10 * x, lambda x: -x)
        >>> weights, chosen = torch.tensor([[0.5, 0.5], [0.75, 0.25]]), torch.tensor([[0, 1], [1, 0]])
        >>> Solution().mix_experts(torch.tensor([[1.0], [2.0]]), weights, chosen, experts).tolist()
        [[4.5], [3.5]]
        """
        raise NotImplementedError

    def balance_loss(self, scores, chosen):
        """Return how unevenly the experts are used: 1 if all are used alike.

        Parameters
        ----------
        scores : float tensor of shape (N, E)
        chosen : integer tensor of shape (N, k)

        Returns
        -------
        0-d float tensor

        Examples
        --------
        >>> scores = torch.tensor([[3.0, 1.0], [3.0, 1.0]]).log()
        >>> round(Solution().balance_loss(scores, torch.tensor([[0], [0]])).item(), 4)
        1.5
        """
        raise NotImplementedError
