"""Small runs that really were trained, and the other side's real code: llama.cpp."""

import json
import urllib.request

import pytest

from groundup.base.reporting import Reporter
from groundup.tasks.launch import launch

TEXT = 'She said: "déjà vu", and left .\n\n  It   was 3 o\'clock.\tÉtrange , non ?\r\n 2 € = 日本 🙂!\n' * 40
TINY = ["layers=2", "heads=2", "width=32", "context=256", "batch_size=4", "precision=float32", "steps=40"]


@pytest.fixture(scope="session")
def text():
    return TEXT


@pytest.fixture(
    scope="session", params=["classic-characters", "modern-characters", "classic-bytepair", "modern-bytepair"]
)
def run(request, tmp_path_factory):
    """Train a gpt run of each preset and each kind of token."""
    preset, tokenizer = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "text.txt").write_bytes(TEXT.encode())
    pairs = [*TINY, f"preset={preset}", f"tokenizer={tokenizer}", "vocabulary_size=300", "sample_tokens=0"]
    return launch("gpt", root=folder, data=str(folder / "text.txt"), pairs=pairs, reporter=Reporter.silent())[0]


class LlamaCppPython:
    """llama.cpp through llama-cpp-python, where somebody has built it."""

    def __init__(self, path, context):
        llama_cpp = pytest.importorskip("llama_cpp")
        self.model = llama_cpp.Llama(
            str(path), n_ctx=context, n_threads=1, type_k=0, type_v=0, logits_all=True, verbose=False
        )

    def tokenize(self, text):
        return self.model.tokenize(text.encode(), add_bos=False, special=False)

    def write(self, prompt, count):
        tokens = []
        for token in self.model.generate(prompt, temp=0.0, top_k=1, repeat_penalty=1.0):
            if len(tokens) == count or token == self.model.token_eos():
                break
            tokens.append(token)
        return tokens, self.model.detokenize(tokens, special=True).decode(errors="replace")

    def close(self):
        self.model.close()


class XllamaCpp:
    """llama.cpp's own server, from xllamacpp's wheel."""

    def __init__(self, path, context):
        xllamacpp = pytest.importorskip("xllamacpp")
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx, parameters.n_parallel, parameters.warmup = context, 1, False
        parameters.cpuparams.n_threads, parameters.verbosity = 1, -1
        # Keys and values kept exactly, as we keep them; by itself llama.cpp rounds them to half precision.
        parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
        self.server = xllamacpp.Server(parameters)

    def ask(self, path, **question):
        body = json.dumps(question).encode()
        request = urllib.request.Request(
            self.server.listening_address + path, body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def tokenize(self, text):
        return self.ask("/tokenize", content=text, add_special=False, parse_special=False)["tokens"]

    def write(self, prompt, count):
        answer = self.ask(
            "/completion", prompt=prompt, n_predict=count, temperature=0, top_k=1, repeat_penalty=1, return_tokens=True
        )
        return answer["tokens"], answer["content"]

    def close(self):
        del self.server


@pytest.fixture(scope="session", params=[XllamaCpp, LlamaCppPython], ids=["xllamacpp", "llama-cpp-python"])
def open_llama(request):
    """Return what opens a GGUF file in llama.cpp."""
    opened = []

    def open_file(path, context=256):
        opened.append(request.param(path, context))
        return opened[-1]

    yield open_file
    for engine in opened:
        engine.close()
