import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.models.fast_gpt import accelerate
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.answer_loss import IGNORED, answer_targets
from groundup.steps.c7_beyond.packing import count_positions, fill_row, pack_examples, separate_examples


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(9, 12))
def test_every_example_is_in_one_row_that_it_fits(lengths, room):
    rows = pack_examples(lengths, room)
    assert sorted(place for row in rows for place in row) == list(range(len(lengths)))
    assert all(sum(lengths[place] for place in row) <= room for row in rows)
    # No two rows that would fit into one: at most one is half empty.
    assert sum(2 * sum(lengths[place] for place in row) <= room for row in rows) <= 1


def test_an_example_longer_than_a_row_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        pack_examples([4], 3)


@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=5), max_size=4), st.integers(0, 3))
def test_a_row_holds_each_example_with_targets_of_its_own(texts, spare):
    examples = [answer_targets(torch.tensor(text), torch.ones(len(text), dtype=torch.bool)) for text in texts]
    used = sum(len(text) - 1 for text in texts)
    tokens, numbers, targets = fill_row(examples, used + spare)
    for number, text in enumerate(texts, start=1):
        assert tokens[numbers == number].tolist() == text[:-1]
        assert targets[numbers == number].tolist() == text[1:]
    assert not tokens[used:].any()
    assert not numbers[used:].any()
    assert (targets[used:] == IGNORED).all()


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_masks_and_positions_are_those_of_each_example_alone(lengths):
    numbers = torch.tensor([place for place, length in enumerate(lengths) for _ in range(length)])
    blocks = [torch.ones(length, length, dtype=torch.bool).tril() for length in lengths]
    assert torch.equal(separate_examples(numbers), torch.block_diag(*blocks).bool())
    assert count_positions(numbers).tolist() == [place for length in lengths for place in range(length)]


@pytest.mark.parametrize("preset", ["modern", "classic"])
@pytest.mark.parametrize("fast", [False, True], ids=["readable", "fast"])
def test_no_example_sees_another(preset, fast):
    torch.manual_seed(0)
    settings = GPTSettings(vocabulary=9, context=8, layers=2, heads=2, width=16, preset=preset)
    model = GPT(settings).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    lengths = [[3, 4, 1], [5, 2, 1]]
    tokens = torch.randint(9, (2, 8))
    numbers = torch.tensor([[place for place, length in enumerate(row) for _ in range(length)] for row in lengths])
    alone = [[model(part[None])[0] for part in row.split(sizes)] for row, sizes in zip(tokens, lengths, strict=True)]
    expected = torch.stack([torch.cat(parts) for parts in alone])
    if fast:
        assert (accelerate(model, torch.float64) is not None) is (preset == "modern")
    found = model(tokens, packed=(separate_examples(numbers), count_positions(numbers)))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    wanted = torch.autograd.grad(expected.square().sum(), list(model.parameters()))
    gradients = torch.autograd.grad(found.square().sum(), list(model.parameters()))
    torch.testing.assert_close(gradients, wanted, rtol=1e-8, atol=1e-8)
