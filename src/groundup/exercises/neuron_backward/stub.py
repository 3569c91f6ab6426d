import numpy as np


class Solution:
    def backward(self, x, w, b, y_true):
        """Return the gradient of a sigmoid neuron's loss.

        Parameters
        ----------
        x : array of shape (d,), the inputs
        w : array of shape (d,), the weights
        b : float, the bias
        y_true : float, the truth

        Returns
        -------
        tuple: the gradient along w, array of shape (d,), and along b, float

        Examples
        --------
        >>> x, w = np.array([1.0, 2.0]), np.array([0.5, -0.5])
        >>> along_w, along_b = Solution().backward(x, w, 0.1, 1.0)
        >>> along_w.round(5).tolist(), round(float(along_b), 5)
        ([-0.14384, -0.28768], -0.14384)
        """
        raise NotImplementedError
