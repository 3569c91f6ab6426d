from typing import Dict, List, Tuple


class Solution:
    def build_vocab(self, text: str) -> Tuple[Dict[str, int], Dict[int, str]]:
        chars = sorted(set(text))
        stoi = {c: i for i, c in enumerate(chars)}
        itos = {i: c for c, i in stoi.items()}
        return stoi, itos

    def encode(self, text: str, stoi: Dict[str, int]) -> List[int]:
        return [stoi[c] for c in text]

    def decode(self, ids: List[int], itos: Dict[int, str]) -> str:
        return "".join(itos[i] for i in ids)
