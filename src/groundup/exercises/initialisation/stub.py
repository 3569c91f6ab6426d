import torch


class Solution:
    def xavier_init(self, fan_in, fan_out):
        """Draw weights with Xavier's standard deviation, and mean 0.

        Parameters
        ----------
        fan_in : int, the number of inputs
        fan_out : int, the number of nodes

        Returns
        -------
        tensor of shape (fan_out, fan_in)

        Examples
        --------
        >>> len(Solution().xavier_init(4, 3))
        3
        """
        raise NotImplementedError

    def kaiming_init(self, fan_in, fan_out):
        """Draw weights with Kaiming's standard deviation, and mean 0.

        Parameters
        ----------
        fan_in : int, the number of inputs
        fan_out : int, the number of nodes

        Returns
        -------
        tensor of shape (fan_out, fan_in)

        Examples
        --------
        >>> len(Solution().kaiming_init(4, 3)[0])
        4
        """
        raise NotImplementedError

    def check_activations(self, num_layers, input_dim, hidden_dim, init_type):
        """Send one random example through new layers, and look at what comes out of every ReLU.

        Parameters
        ----------
        num_layers : int
        input_dim : int, the number of input features
        hidden_dim : int, the number of nodes of every layer
        init_type : str: "xavier", "kaiming" or "random"

        Returns
        -------
        list of float, the standard deviation behind every layer's ReLU, first layer first

        Examples
        --------
        >>> len(Solution().check_activations(3, 10, 20, "kaiming"))
        3
        """
        raise NotImplementedError
