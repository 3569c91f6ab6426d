"""Values that nobody expects, and how they come into JSON."""

ODD = [
    None, True, False, 0, -1, 1, 2, 3, 1.5, -0.0, 1e308, 1e-320, 10**9, 10**12, 10**30, 10**400, float("nan"),
    float("inf"), "", "x", "3", "\ud800", "a\nb", "\x1b]0;x\x07", "[/red]", r"$\frac{$", "\0", "x" * 5000, [], {}, [1],
    ["x"], [[]], {"a": 1}, {"step": 1}, "../../etc/passwd", "gpt", "digits",
]  # fmt: skip


def change_json(value, draw, odd=ODD):
    """Return a JSON value with something odd in one place."""
    if isinstance(value, dict | list) and value and draw.random() < 0.85:
        key = draw.choice(list(value) if isinstance(value, dict) else range(len(value)))
        what = draw.random()
        changed = dict(value) if isinstance(value, dict) else list(value)
        if what < 0.12:
            del changed[key]
        elif what < 0.2:
            if isinstance(changed, dict):
                changed[draw.choice(["x", "", "step", "settings", "a\nb"])] = draw.choice(odd)
            else:
                changed.insert(key, draw.choice([changed[key], *odd]))
        else:
            changed[key] = change_json(value[key], draw, odd)
        return changed
    if isinstance(value, int | float) and not isinstance(value, bool) and draw.random() < 0.4:
        return draw.choice([value + 1, -value, value * 1000, float(value), str(value), value * 10**9])
    return draw.choice(odd)
