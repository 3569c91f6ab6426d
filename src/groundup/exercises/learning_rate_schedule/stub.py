import numpy as np


class Solution:
    def learning_rate(self, step, steps, warm_up, peak, lowest):
        """Return the learning rate of a step: a warm-up, then half a cosine.

        Parameters
        ----------
        step : int, from 0 to steps
        steps : int, the number of all steps
        warm_up : int, the number of steps that rise, from 0 on and below steps
        peak : float, the learning rate after the warm-up
        lowest : float, the learning rate at the end

        Returns
        -------
        float

        Examples
        --------
        >>> rates = [Solution().learning_rate(step, 100, 20, 0.8, 0.2) for step in (0, 10, 20, 60, 100)]
        >>> [round(float(rate), 4) for rate in rates]
        [0.0, 0.4, 0.8, 0.5, 0.2]
        """
        raise NotImplementedError
