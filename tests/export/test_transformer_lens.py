"""TransformerLens opens the Hugging Face folder that we write, and sees in it what we see."""

import pytest
import torch

from groundup.export.formats import export_run
from groundup.models.attention_maps import look
from groundup.steps.c7_beyond.logit_lens import logit_lens, recorded_stream
from groundup.tasks.gpt.runs import open_gpt

NOT_HERE = "pip install transformer-lens: it brings a hundred packages, so it is no part of the extra dev"


def test_it_computes_what_we_compute(run, text, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    transformer_lens = pytest.importorskip("transformer_lens", reason=NOT_HERE)
    out = export_run(run, "huggingface", tmp_path / "out").path
    theirs = transformer_lens.TransformerBridge.boot_transformers(str(out))
    ours, tokenizer, _ = open_gpt(run)
    tokens = theirs.to_tokens(text[:60], prepend_bos=False)
    assert tokens[0].tolist() == tokenizer.encode(text[:60]).tolist()
    with torch.inference_mode():
        logits, cache = theirs.run_with_cache(tokens)
        with recorded_stream(ours) as stream:
            assert torch.allclose(logits, ours(tokens), atol=1e-4, rtol=0)
        for layer, weights in enumerate(look(ours, tokens[0].tolist())):
            assert torch.allclose(cache["pattern", layer], weights, atol=1e-4)
            assert torch.allclose(cache["resid_pre", layer], stream[layer], atol=1e-4)
            assert torch.allclose(cache["resid_post", layer], stream[layer + 1], atol=1e-4)
        # The lens of their hooks: their last norm and output layer on the stream after the first block.
        theirs_early = theirs.unembed(theirs.ln_final(cache["resid_post", 0]))
        assert torch.allclose(theirs_early, logit_lens(ours, tokens)[1], atol=1e-4)
