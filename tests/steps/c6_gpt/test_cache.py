import pytest
import torch

from groundup.steps.c6_gpt.cache import KeyValueCache


def test_new_tokens_come_behind_the_old():
    cache = KeyValueCache(layers=2, batch=1, heads=1, capacity=4, channel=2)
    for layer in range(2):
        cache.store(layer, torch.full((1, 1, 3, 2), 1.0 + layer), torch.zeros(1, 1, 3, 2))
    cache.advance(3)
    keys, values = cache.store(1, torch.full((1, 1, 1, 2), 9.0), torch.ones(1, 1, 1, 2))
    assert keys[0, 0, :, 0].tolist() == [2.0, 2.0, 2.0, 9.0]
    assert values[0, 0, :, 0].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_a_full_cache_says_so_and_can_be_cleared():
    cache = KeyValueCache(1, 1, 1, 2, 2)
    new = torch.zeros(1, 1, 2, 2)
    cache.store(0, new, new)
    cache.advance(2)
    with pytest.raises(ValueError, match="holds 2 tokens; 2 are in it, 2 came"):
        cache.store(0, new, new)
    cache.clear()
    assert cache.store(0, new, new)[0].shape == (1, 1, 2, 2)
