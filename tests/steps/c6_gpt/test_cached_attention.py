import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.steps.c6_gpt.attention import SingleHeadAttention, causal_attention, fused_attention
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c6_gpt.cached_attention import CachedAttention, GrowingCache

PIECES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def make_head(width, seed=0):
    torch.manual_seed(seed)
    return CachedAttention(width).double()


@given(pieces=PIECES, batch=st.integers(1, 3), width=st.integers(1, 6), seed=st.integers(0, 99))
def test_in_pieces_with_a_cache_equals_all_at_once_without(pieces, batch, width, seed):
    head, x, cache = make_head(width, seed), draw(batch, sum(pieces), width, seed=seed), GrowingCache()
    found = [head(piece, cache) for piece in x.split(pieces, dim=1)]
    torch.testing.assert_close(torch.cat(found, dim=1), head(x))
    assert len(cache) == sum(pieces)


@given(past=st.integers(0, 4), new=st.integers(2, 5), seed=st.integers(0, 99), data=st.data())
def test_a_token_does_not_see_those_that_come_with_it_but_after_it(past, new, seed, data):
    head, old, x = make_head(4), draw(1, past, 4, seed=seed), draw(1, new, 4, seed=seed + 1)
    place = data.draw(st.integers(1, new - 1))
    changed = x.clone()
    changed[:, place:] += 1.0
    found = []
    for piece in (x, changed):
        cache = GrowingCache()
        if past:
            head(old, cache)
        found.append(head(piece, cache))
    torch.testing.assert_close(found[0][:, :place], found[1][:, :place])
    assert not torch.allclose(found[0][:, place:], found[1][:, place:])


@given(time=st.integers(1, 5), width=st.integers(1, 6), seed=st.integers(0, 99))
def test_equals_torch(time, width, seed):
    head, x = make_head(width, seed), draw(2, time, width, seed=seed)
    theirs = nn.MultiheadAttention(width, num_heads=1, bias=False, batch_first=True, dtype=torch.float64)
    theirs.in_proj_weight.data = torch.cat([head.query.weight.data, head.key.weight.data, head.value.weight.data])
    theirs.out_proj.weight.data = torch.eye(width, dtype=torch.float64)
    hidden = torch.ones(time, time, dtype=torch.bool).triu(1)
    expected, _ = theirs(x, x, x, attn_mask=hidden, need_weights=False)
    torch.testing.assert_close(head(x), expected)


def test_without_a_cache_it_is_a_single_head():
    head, single, x = make_head(6), SingleHeadAttention(6, 6).double(), draw(2, 5, 6)
    single.load_state_dict(head.state_dict())
    assert torch.equal(head(x), single(x))


def test_without_a_cache_nothing_is_remembered():
    head, x = make_head(4), draw(1, 3, 4)
    assert torch.equal(head(x), head(x))


def test_keys_and_values_are_kept_apart_and_in_order():
    cache, keys, values = GrowingCache(), draw(2, 5, 3), draw(2, 5, 4, seed=1)
    cache.update(keys[:, :2], values[:, :2])
    all_keys, all_values = cache.update(keys[:, 2:], values[:, 2:])
    assert torch.equal(all_keys, keys)
    assert torch.equal(all_values, values)


def test_a_cleared_cache_is_as_new():
    head, cache, x = make_head(4), GrowingCache(), draw(1, 3, 4)
    head(draw(1, 2, 4, seed=1), cache)
    cache.clear()
    assert len(cache) == 0
    assert torch.equal(head(x, cache), head(x, GrowingCache()))


def test_two_caches_do_not_share():
    head, first, second = make_head(4), GrowingCache(), GrowingCache()
    head(draw(1, 2, 4), first)
    assert (len(first), len(second)) == (2, 0)


@given(PIECES, st.integers(1, 3), st.integers(1, 5))
def test_the_cache_of_all_layers_remembers_the_same(pieces, batch, width):
    growing, laid_out = GrowingCache(), KeyValueCache(1, batch, 1, sum(pieces), width, torch.float64)
    for number, length in enumerate(pieces):
        queries, keys, values = (draw(batch, length, width, seed=10 * number + kind) for kind in range(3))
        wanted = growing.update(keys, values)
        found = laid_out.store(0, keys[:, None], values[:, None])
        laid_out.advance(length)
        for ours, theirs in zip(found, wanted, strict=True):
            assert torch.equal(ours[:, 0], theirs)
        torch.testing.assert_close(
            fused_attention(queries[:, None], *found)[:, 0], causal_attention(queries, *wanted), rtol=1e-9, atol=1e-9
        )
