class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        points = [list(start)]
        for _ in range(iterations):
            point = points[-1]
            slopes = gradient(point)  # all at the old point, before any coordinate changes
            points.append([x - learning_rate * slope for x, slope in zip(point, slopes)])
        return points
