from torch.utils.data import DataLoader, TensorDataset


def train(model, loss_function, optimizer, inputs, targets, epochs, batch_size):
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=batch_size, shuffle=True)
    history = []
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            history.append(float(loss))
    return history
