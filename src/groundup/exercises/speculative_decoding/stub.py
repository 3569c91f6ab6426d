import torch


def rest(p, q):
    """Return the probabilities from which a rejected guess is replaced.

    Parameters
    ----------
    p : tensor of shape (V,), the target's probabilities
    q : tensor of shape (V,), the draft's probabilities

    Returns
    -------
    tensor of shape (V,), summing to 1

    Examples
    --------
    >>> rest(torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.75, 0.0])).tolist()
    [0.5, 0.0, 0.5]
    """
    raise NotImplementedError


def check_guesses(guesses, p, q):
    """Return the guesses that are kept, and one token more.

    Parameters
    ----------
    guesses : list of k ints, each drawn from its row of q
    p : tensor of shape (k + 1, V), the target's probabilities at each guess and after the last one
    q : tensor of shape (k, V), the draft's probabilities at each guess

    Returns
    -------
    list of 1 to k + 1 ints

    Examples
    --------
    The target is certain of 1, then of 0; the draft has guessed 1 and 1:

    >>> check_guesses([1, 1], torch.eye(2)[[1, 0, 1]], torch.full((2, 2), 0.5))
    [1, 0]
    """
    raise NotImplementedError
