class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        """Walk downhill from a start, along all variables at once.

        Parameters
        ----------
        gradient : function, from a point (a list of d numbers) to its d slopes (a list)
        start : list of d numbers, the first point
        learning_rate : float
        iterations : int, the number of steps

        Returns
        -------
        list of iterations + 1 points of d numbers each, the start first

        Examples
        --------
        >>> def gradient(point):
        ...     return [2 * c for c in point]
        >>> [list(map(float, point)) for point in Solution().minimize(gradient, [1, 2], 0.25, 2)]
        [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]
        """
        raise NotImplementedError
