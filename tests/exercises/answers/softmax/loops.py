import math


def softmax(z):
    largest = max(z)
    powers = [math.exp(score - largest) for score in z]
    total = sum(powers)
    return [power / total for power in powers]
