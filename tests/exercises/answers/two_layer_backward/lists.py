from typing import List


class Solution:
    def forward_and_backward(
        self,
        x: List[float],
        W1: List[List[float]],
        b1: List[float],
        W2: List[List[float]],
        b2: List[float],
        y_true: List[float],
    ) -> dict:
        z1 = [sum(w * a for w, a in zip(row, x)) + b for row, b in zip(W1, b1)]
        h = [max(0.0, z) for z in z1]
        y = [sum(w * a for w, a in zip(row, h)) + b for row, b in zip(W2, b2)]
        K = len(y)
        dy = [2 * (p - t) / K for p, t in zip(y, y_true)]
        dz = [sum(W2[k][j] * dy[k] for k in range(K)) if z1[j] > 0 else 0.0 for j in range(len(h))]
        return {
            "loss": round(sum((p - t) ** 2 for p, t in zip(y, y_true)) / K, 4),
            "dW1": [[round(d * a, 4) for a in x] for d in dz],
            "db1": [round(d, 4) for d in dz],
            "dW2": [[round(d * a, 4) for a in h] for d in dy],
            "db2": [round(d, 4) for d in dy],
        }
