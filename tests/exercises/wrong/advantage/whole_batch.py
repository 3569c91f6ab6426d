# Named: compared with all questions
import torch


class Solution:
    def advantages(self, rewards):
        spread = rewards.std(correction=0)
        if spread == 0:
            return torch.zeros_like(rewards)
        return (rewards - rewards.mean()) / spread
