import torch


def train_gpt(model, data, epochs, context_length, batch_size, lr):
    """AdamW written out, gradients without backward()."""
    weights = list(model.parameters())
    first = [torch.zeros_like(w) for w in weights]
    second = [torch.zeros_like(w) for w in weights]
    windows = data.unfold(0, context_length + 1, 1)
    for step in range(1, epochs + 1):
        batch = windows[torch.randint(0, len(windows), (batch_size,))]
        logits = model(batch[:, :-1]).transpose(1, 2)
        loss = torch.nn.CrossEntropyLoss()(logits, batch[:, 1:])
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for w, g, m, v in zip(weights, slopes, first, second):
                w.mul_(1 - lr * 0.01)
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.999).add_(0.001 * g * g)
                w.sub_(lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8))
    return float(loss)
