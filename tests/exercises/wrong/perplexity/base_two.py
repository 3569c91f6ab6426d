# Named: a power of 2
# Named: nats per character
class Solution:
    def perplexity(self, windows):
        losses = [loss for window in windows for loss in window]
        return 2 ** (sum(losses) / len(losses))

    def bits_per_character(self, windows, characters):
        return sum(loss for window in windows for loss in window) / characters
