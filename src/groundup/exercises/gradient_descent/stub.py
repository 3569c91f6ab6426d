class Solution:
    def get_minimizer(self, iterations, learning_rate, init):
        """Walk downhill on x², whose slope is 2 * x.

        Parameters
        ----------
        iterations : int, the number of steps
        learning_rate : float
        init : float, the first guess

        Returns
        -------
        float, the guess after that many steps

        Examples
        --------
        >>> round(Solution().get_minimizer(3, 0.1, 10), 5)
        5.12
        """
        raise NotImplementedError
