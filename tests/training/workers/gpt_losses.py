"""Started by torchrun: trains a small GPT and prints each step's loss, in float32 and by whatever processes there are.

Arguments: a JSON object with ``preset``, ``sharded``, ``accumulation_steps``, ``dropout`` and ``steps``.
"""

import json
import sys

import numpy as np
import torch

from groundup.data.corpus.texts import read_text
from groundup.data.corpus.windows import TokenRow, TrainingWindows
from groundup.runs.checkpoint import model_tensors
from groundup.runs.sharded_tensors import whole
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.evaluation import next_token_loss
from groundup.tasks.gpt.hyperparameters import make_recipe
from groundup.training.distributed import current_process_group, join_process_group
from groundup.training.loop import take_step
from groundup.training.plan import Plan
from groundup.training.precision import Precision
from groundup.training.sharding import shard_model


def train(preset="modern", sharded=False, accumulation_steps=1, dropout=0.0, steps=20):
    """Return every step's loss, and the weights' sum and sum of squares at the end."""
    team = current_process_group()
    torch.manual_seed(0)
    # A width that four processes share unevenly: 22 rows are 6, 6, 6 and 4.
    settings = GPTSettings(vocabulary=128, context=12, layers=2, heads=1, width=22, preset=preset, dropout=dropout)
    # Text and a small rate: on noise, steps are rounding errors made large, in one process as in several.
    reference = read_text("python-reference").content
    tokens = TokenRow(np.frombuffer(reference[:20_000].encode("ascii", "replace"), np.uint8).astype(np.int64))
    windows = TrainingWindows(tokens, settings.context, 10, seed=0)

    def place(model):
        if sharded and team.size > 1:
            shard_model(model, model.blocks, torch.device("cpu"), team, Precision())

    recipe = make_recipe(settings, tokens, steps, Precision(), learning_rate=0.005, place=place)
    plan = Plan(
        recipe.model,
        next_token_loss,
        recipe.optimizer,
        windows.batch,
        steps,
        accumulation_steps=accumulation_steps,
        clip_norm=0.5,
    )
    plan.model.train()
    losses = [float(take_step(plan, *windows.batch(step)).loss) for step in range(steps)]
    weights = [whole(tensor.detach()).double() for tensor in model_tensors(recipe.model).values()]
    return losses, [float(sum(one.sum() for one in weights)), float(sum(one.square().sum() for one in weights))]


if __name__ == "__main__":
    team = join_process_group()
    found = [train(**case) for case in json.loads(sys.argv[1])]
    if team.is_main:
        print(json.dumps(found))
