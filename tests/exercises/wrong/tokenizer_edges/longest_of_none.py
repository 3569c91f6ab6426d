# Named: a token expected wherever one begins
class Solution:
    def cut(self, text, v):
        out = []
        i = 0
        while i < len(text):
            if any(t.startswith(text[i]) for t in v):
                t = max((t for t in v if text.startswith(t, i)), key=len)
                out.append(t)
                i += len(t)
            else:
                out.append(text[i])
                i += 1
        return out

    def tokenize_numbers(self, ns, v):
        return [self.cut(str(n), v) for n in ns]

    def count_tokens(self, t, v):
        return len(self.cut(t, v))

    def fertility_score(self, t, v):
        w = len(t.split())
        return self.count_tokens(t, v) / w if w else 0
