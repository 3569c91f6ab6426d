import torch


class Solution:
    def get_dataset(self, positive, negative):
        """Turn sentences into rows of word numbers, filled up with 0.

        Parameters
        ----------
        positive : list of str, sentences
        negative : list of str, sentences

        Returns
        -------
        integer tensor of shape (B, T): B sentences in all, T words in the longest

        Examples
        --------
        >>> positive, negative = ["Dogecoin to the moon"], ["I will short Tesla today"]
        >>> Solution().get_dataset(positive, negative).int().tolist()
        [[1, 7, 6, 4, 0], [2, 9, 5, 3, 8]]
        """
        raise NotImplementedError
