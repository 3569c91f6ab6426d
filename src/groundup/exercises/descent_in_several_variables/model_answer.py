class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        points = [list(start)]
        for _ in range(iterations):
            point = points[-1]
            # All slopes at the old point, before any coordinate changes.
            slopes = gradient(point)
            points.append([x - learning_rate * slope for x, slope in zip(point, slopes)])
        return points
