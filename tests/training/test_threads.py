import pytest
import torch

from groundup.training.threads import use_threads


def compute_and_fail(threads):
    with use_threads(threads):
        raise RuntimeError(f"{torch.get_num_threads()} threads")


def test_the_number_of_threads_comes_back_even_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError, match=f"^{before + 1} threads"):
        compute_and_fail(before + 1)
    assert torch.get_num_threads() == before
