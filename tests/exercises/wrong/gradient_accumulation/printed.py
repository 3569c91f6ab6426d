# Named: nothing returned
def train_step(model, loss_function, optimizer, inputs, targets, part_size):
    optimizer.zero_grad()
    total = 0.0
    for x, y in zip(inputs.split(part_size), targets.split(part_size)):
        loss = loss_function(model(x), y) * (len(x) / len(inputs))
        loss.backward()
        total += loss.item()
    optimizer.step()
    print(total)
