class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        point = list(start)
        way = [tuple(point)]
        for _ in range(iterations):
            slopes = gradient(point)
            for j in range(len(point)):
                point[j] = point[j] - learning_rate * slopes[j]
            way.append(tuple(point))
        return way
