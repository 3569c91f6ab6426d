import random


def fit(model, loss_function, optimizer, inputs, targets, epochs, batch_size):
    losses = []
    for _ in range(epochs):
        places = list(range(len(inputs)))
        random.shuffle(places)
        while places:
            batch, places = places[:batch_size], places[batch_size:]
            model.train()
            model.zero_grad()
            loss = loss_function(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach().item())
    return losses
