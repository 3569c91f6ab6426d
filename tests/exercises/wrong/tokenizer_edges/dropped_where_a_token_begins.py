# Named: characters dropped that a token begins with
class Solution:
    def cut(self, text, v):
        out = []
        i = 0
        while i < len(text):
            fits = [t for t in v if t and text.startswith(t, i)]
            if fits:
                t = max(fits, key=len)
                out.append(t)
                i += len(t)
            elif any(t.startswith(text[i]) for t in v):
                i += 1
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
