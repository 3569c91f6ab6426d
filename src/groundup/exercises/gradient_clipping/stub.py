import torch


class Solution:
    def clip_gradients(self, gradients, max_norm):
        """Shorten gradients to a largest common length.

        Parameters
        ----------
        gradients : list of tensors of any shapes (…)
        max_norm : float, the largest length of all of them together

        Returns
        -------
        tuple: the clipped gradients, tensors of the given shapes (…), and the norm before, float

        Examples
        --------
        >>> gradients = [torch.tensor([3.0]), torch.tensor([4.0])]
        >>> clipped, norm = Solution().clip_gradients(gradients, 1.0)
        >>> [round(one.item(), 4) for one in clipped], round(float(norm), 4)
        ([0.6, 0.8], 5.0)
        """
        raise NotImplementedError
