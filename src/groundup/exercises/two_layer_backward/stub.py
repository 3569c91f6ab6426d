import numpy as np


class Solution:
    def forward_and_backward(self, x, W1, b1, W2, b2, y_true):
        """Return the loss of a network of two layers, and its gradients.

        Parameters
        ----------
        x : array of shape (d,), the example
        W1 : array of shape (M, d)
        b1 : array of shape (M,)
        W2 : array of shape (C, M)
        b2 : array of shape (C,)
        y_true : array of shape (C,), the truth

        Returns
        -------
        dict: "loss", a float, and "dW1", "db1", "dW2", "db2", arrays of the shapes above

        Examples
        --------
        >>> x, W1, W2 = np.array([1.0, 2.0]), np.eye(2), np.array([[0.5, 0.5]])
        >>> b1, b2, y_true = np.zeros(2), np.zeros(1), np.array([1.0])
        >>> found = Solution().forward_and_backward(x, W1, b1, W2, b2, y_true)
        >>> round(float(found["loss"]), 4), found["dW2"].round(4).tolist()
        (0.25, [[1.0, 2.0]])
        """
        raise NotImplementedError
