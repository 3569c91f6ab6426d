"""Batched sampling: each row is what the step writes, and the probabilities are the model's own."""

import pytest
import torch

from groundup.models.batched_decoding import sample_batch
from groundup.steps.c6_gpt.generate import generate
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings

NAMES = {number: chr(ord("a") + number) for number in range(7)}


@pytest.fixture(params=["modern", "classic", "plain"])  # plain has no cache
def model(request):
    torch.manual_seed(0)
    made = GPT(GPTSettings(vocabulary=7, context=12, layers=2, heads=2, width=16, preset=request.param)).double()
    for weight in made.parameters():  # as drawn, all tokens are nearly as likely
        weight.data *= 5
    return made.eval().requires_grad_(False)


def test_one_prompt_is_continued_as_the_step_continues_it(model):
    prompt = torch.tensor([[3, 1, 4, 1]])
    wanted = generate(model, 8, prompt, 12, NAMES, torch.Generator().manual_seed(5))
    drawn, _ = sample_batch(model, prompt, 8, generator=torch.Generator().manual_seed(5))
    assert "".join(NAMES[token] for token in drawn[0].tolist()) == wanted


def test_the_likeliest_tokens_are_those_of_each_prompt_alone(model):
    prompts = torch.randint(7, (5, 4), generator=torch.Generator().manual_seed(1))
    drawn, chances = sample_batch(model, prompts, 6, greedy=True)
    for prompt, row, scores in zip(prompts, drawn, chances, strict=True):
        text = prompt[None]
        for token, score in zip(row, scores, strict=True):
            wanted = model(text)[0, -1].log_softmax(-1)
            assert int(wanted.argmax()) == int(token)
            assert float(score) == pytest.approx(float(wanted[token]), abs=1e-5)
            text = torch.cat([text, token.view(1, 1)], dim=1)


def test_samples_of_a_prompt_are_neighbors_and_differ(model):
    prompts = torch.tensor([[0, 1], [2, 3]])
    drawn, chances = sample_batch(model, prompts, 3, samples=50, generator=torch.Generator().manual_seed(0))
    assert drawn.shape == chances.shape == (100, 3)
    for place, prompt in enumerate(prompts):
        rows, scores = drawn[50 * place : 50 * place + 50], chances[50 * place : 50 * place + 50]
        assert len({tuple(row) for row in rows.tolist()}) > 1
        whole = torch.cat([prompt.expand(50, -1), rows], dim=1)
        wanted = model(whole)[:, 1:-1].log_softmax(-1).gather(-1, rows[:, :, None])[:, :, 0]
        assert torch.allclose(scores.double(), wanted, atol=1e-5)


def test_tokens_come_as_often_as_they_are_likely(model):
    prompt = torch.tensor([[5, 2]])
    drawn, _ = sample_batch(model, prompt, 1, samples=4000, generator=torch.Generator().manual_seed(0))
    shares = torch.bincount(drawn[:, 0], minlength=7) / 4000
    assert torch.allclose(shares.double(), model(prompt)[0, -1].softmax(-1), atol=0.04)
