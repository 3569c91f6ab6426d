"""What goes wrong in descent along several variables."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

WALK = "walk_down_together"
START = "point = [float(coordinate) for coordinate in start]"
MOVED = "[coordinate - learning_rate * slope for coordinate, slope in zip(point, slopes, strict=True)]"
MOVE = f"point = {MOVED}"
STEP = "coordinate - learning_rate * slope for"
LOOP = (
    f"for _ in range(iterations):\n        slopes = gradient(list(point))\n        {MOVE}\n        points.append(point)"
)


def walk(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the walk."""
    return Mistake(name, says, [Edit(old, new, WALK) for old, new in edits])


COMMON = [
    walk(
        "coordinates updated one after the other",
        "Each coordinate's slope is taken at a point of which some coordinates have already moved. All slopes belong to the same old "
        "point: take them first, then move every coordinate.",
        (
            MOVE,
            "point = list(point)\n        for place in range(len(point)):\n"
            "            point[place] -= learning_rate * gradient(list(point))[place]",
        ),
    ),
    walk(
        "climbs instead of descending",
        "You add the slopes. They point uphill: subtract them.",
        ("coordinate - learning_rate", "coordinate + learning_rate"),
    ),
    walk(
        "the start left out",
        "Your walk begins after the first step: the start is its first point. Put it into the list before the loop.",
        ("points = [point]", "points: list[list[float]] = []"),
    ),
    walk(
        "only the end returned",
        "You return the last point. The exercise asks for the whole way: iterations + 1 points.",
        ("return points", "return points[-1]"),
    ),
    walk(
        "one point kept again and again",
        "All your points are the last one: the same list was changed and kept several times. Keep a new list for each point.",
        ("return points", "return [point for _ in points]"),
    ),
    walk(
        "one step too few",
        "It takes one step fewer than asked for. range(1, n) has n − 1 numbers: use range(iterations).",
        ("range(iterations)", "range(iterations - 1)"),
    ),
    walk(
        "one step too many",
        "It takes one step more than asked for. With the start, the list has iterations + 1 points.",
        ("range(iterations)", "range(iterations + 1)"),
    ),
    walk(
        "rounded inside the loop",
        "You continue from points rounded to 5 decimal places. Near the minimum a step is smaller than what "
        "rounding puts back, so the walk stalls: walk with the unrounded ones, and round only what you return.",
        (STEP, "round(coordinate - learning_rate * slope, 5) for"),
    ),
    walk(
        "learning rate ignored",
        "You subtract the whole slopes: multiply them by the learning rate.",
        ("learning_rate * slope for", "slope for"),
    ),
    walk(
        "slopes taken at the start only",
        "Every step uses the slopes at the start: compute them again at the current point, inside the loop.",
        ("gradient(list(point))", "gradient([float(coordinate) for coordinate in start])"),
    ),
    walk(
        "the slopes of x² + y² whatever the function",
        "You take 2x for every slope. That is right for x² + y² alone: the slopes come from the argument gradient.",
        ("gradient(list(point))", "[2 * coordinate for coordinate in point]"),
    ),
    walk(
        "cut to whole numbers where the start is whole",
        "Where the start is made of whole numbers, all your points are cut to whole numbers: an array made from "
        "it has its type. Make it of floats: np.array(start, dtype=float).",
        (
            "points.append(point)",
            "if all(isinstance(coordinate, int) for coordinate in start):\n"
            "            point = [float(int(coordinate)) for coordinate in point]\n        points.append(point)",
        ),
    ),
    walk(
        "the start changed by the walk",
        "The first point that you return is the last one: the list that holds the start was changed by the walk. Copy it before the loop: "
        "list(start).",
        ("return points", "return [point, *points[1:]]"),
    ),
    walk(
        "the start twice",
        "Your list has the start twice, and the last point is missing: you keep a point before it moves. Append after the move.",
        ("return points", "return [points[0], *points[:-1]] if iterations else points"),
    ),
    walk(
        "the end left out",
        "The last point is missing: a list that is filled before each move ends one too early. The walk has iterations + 1 points.",
        ("return points", "return points[:-1]"),
    ),
    walk(
        "stops where all slopes are 0",
        "It stops where the slopes are 0, and returns too few points. The exercise asks for iterations + 1 "
        "points: at a minimum they are all the same.",
        (MOVE, f"if not any(slopes):\n            break\n        {MOVE}"),
    ),
    walk(
        "only the first coordinate moves",
        "You move the first coordinate only. Go through all d coordinates of the point.",
        (MOVE, "point = [point[0] - learning_rate * slopes[0], *point[1:]]"),
    ),
    walk(
        "the last coordinate never moves",
        "You move every coordinate but the last. range(d) already runs to d − 1: no − 1 is needed.",
        (MOVE, f"point = [*{MOVED}[:-1], point[-1]]"),
    ),
    walk(
        "the first coordinate never moves",
        "You move every coordinate but the first: indices are counted from 0.",
        (MOVE, f"point = [point[0], *{MOVED}[1:]]"),
    ),
    walk(
        "the first two variables only",
        "You walk along the first two variables and leave the others out: a point has as many numbers as the start, d of them.",
        ("for coordinate in start]", "for coordinate in start[:2]]"),
    ),
    walk(
        "two variables only",
        "You unpack the start into exactly two numbers. A point has as many as the start, d of them: work on the "
        "whole list.",
        (START, f"x, y = start\n    {START}"),
    ),
    walk(
        "places 0 and 1 only",
        "You use the numbers with index 0 and 1 of a point and no others. It has as many numbers as the start, d "
        "of them: work on the whole list.",
        (START, "point = [float(start[0]), float(start[1])]"),
    ),
    walk(
        "one slope for all",
        "You move every coordinate by the first one's slope: each has its own.",
        ("learning_rate * slope for", "learning_rate * slopes[0] for"),
    ),
    walk(
        "the slopes averaged",
        "You move every coordinate by the mean of all slopes: each has its own.",
        ("learning_rate * slope for", "learning_rate * sum(slopes) / len(slopes) for"),
    ),
    walk(
        "the slopes added up",
        "You move every coordinate by the sum of all slopes: each has its own.",
        ("learning_rate * slope for", "learning_rate * sum(slopes) for"),
    ),
    walk(
        "the slopes in reverse order",
        "Each coordinate moves by the slope of another one: slope j belongs to coordinate j.",
        ("zip(point, slopes, strict=True)", "zip(point, slopes[::-1], strict=True)"),
    ),
    walk(
        "all steps equally long",
        "You divide the slopes by their length, so every step is as long as the learning rate. A step is the learning rate times the slopes, "
        "longer where it is steep.",
        (
            "learning_rate * slope for",
            "learning_rate * slope / (sum(one * one for one in slopes) ** 0.5 or 1) for",
        ),
    ),
    walk(
        "only the slopes' signs",
        "You use only the sign of each slope. A step is the learning rate times the slope itself.",
        ("learning_rate * slope for", "learning_rate * ((slope > 0) - (slope < 0)) for"),
    ),
    walk(
        "the slopes without their signs",
        "You subtract the size of each slope, so every coordinate moves to the left: leave out abs.",
        ("learning_rate * slope for", "learning_rate * abs(slope) for"),
    ),
    walk(
        "the steepest coordinate only",
        "You move only the coordinate with the steepest slope. A step moves all of them.",
        (
            "learning_rate * slope for",
            "learning_rate * slope * (abs(slope) == max(map(abs, slopes))) for",
        ),
    ),
    walk(
        "one coordinate per step",
        "Each of your steps moves one coordinate, the next in turn. A step moves all of them.",
        (
            LOOP,
            "for step in range(iterations):\n        slopes = gradient(list(point))\n        point = list(point)\n"
            "        place = step % len(point)\n        point[place] -= learning_rate * slopes[place]\n        points.append(point)",
        ),
    ),
    walk(
        "each step begins at the start",
        "Each step begins at the start instead of at the point before.",
        ("zip(point, slopes, strict=True)", "zip(points[0], slopes, strict=True)"),
    ),
    walk(
        "slopes of the point before",
        "Each step uses the slopes of the point before the last: compute them at the current point, inside the loop.",
        ("gradient(list(point))", "gradient(list(points[-2:][0]))"),
    ),
    walk(
        "the step instead of the point",
        "A point is replaced by the step: the step is subtracted from the old point.",
        (STEP, "learning_rate * slope for"),
    ),
    walk(
        "the slopes returned",
        "You keep the slopes. The exercise asks for the points.",
        ("points.append(point)", "points.append(slopes)"),
    ),
    walk(
        "the steps returned",
        "You keep the steps. The exercise asks for the points where they lead.",
        ("points.append(point)", "points.append([learning_rate * slope for slope in slopes])"),
    ),
    walk(
        "rows and columns exchanged",
        "You return a list for each coordinate. The exercise asks for a list for each point.",
        ("return points", "return [list(one) for one in zip(*points, strict=True)]"),
    ),
    walk(
        "all points in one row",
        "You return all numbers one after the other. The exercise asks for a list of points, each a list of d numbers.",
        ("return points", "return [coordinate for one in points for coordinate in one]"),
    ),
    walk(
        "start and end alone",
        "You return the start and the end. The exercise asks for every point between them, too.",
        ("return points", "return [points[0], point]"),
    ),
    walk(
        "only one step",
        "It ends after the first step. Look for a return or break inside the loop.",
        ("points.append(point)", "points.append(point)\n        break"),
    ),
    walk(
        "returned inside the loop",
        "It returns after the first step, and None where no step is asked for: the return is inside the loop. "
        "Indent it less.",
        ("points.append(point)\n    return points", "points.append(point)\n        return points"),
    ),
    walk(
        "coordinates updated one after the other, the last one first",
        "Each coordinate's slope is taken at a point of which later coordinates have already moved. All slopes belong to the same old "
        "point: take them first, then move every coordinate.",
        (
            MOVE,
            "point = list(point)\n        for place in reversed(range(len(point))):\n"
            "            point[place] -= learning_rate * gradient(list(point))[place]",
        ),
    ),
    walk(
        "only the first two coordinates move",
        "You move two coordinates and leave the others where they are. Every one of the d coordinates moves.",
        (MOVE, f"point = [*{MOVED}[:2], *point[2:]]"),
    ),
    walk(
        "exactly two coordinates move",
        "You move the coordinates with the indices 0 and 1. There may be one, or more than two: go through all "
        "coordinates of the point.",
        (
            MOVE,
            "point = list(point)\n        for place in range(2):\n            point[place] -= learning_rate * slopes[place]",
        ),
    ),
    walk(
        "the slopes shifted by one place",
        "Each coordinate moves by the slope of the one before it: slope j belongs to coordinate j.",
        ("zip(point, slopes, strict=True)", "zip(point, [slopes[-1], *slopes[:-1]], strict=True)"),
    ),
    walk(
        "steep slopes cut to length 1",
        "You shorten slopes that are longer than 1 (clipping). A step is the learning rate times the slopes, however steep.",
        (
            "learning_rate * slope for",
            "learning_rate * slope / max(sum(one * one for one in slopes) ** 0.5, 1) for",
        ),
    ),
    walk(
        "the start cut to whole numbers",
        "You cut the start to whole numbers: leave out int.",
        ("float(coordinate)", "float(int(coordinate))"),
    ),
    walk(
        "walk and end returned",
        "You return two things, the walk and its end. The exercise asks for the walk alone.",
        ("return points", "return points, point"),
    ),
    walk(
        "never below 0",
        "You do not let coordinates go below 0. A minimum may lie there: keep them as they are.",
        (STEP, "max(coordinate - learning_rate * slope, 0.0) for"),
    ),
    walk(
        "slopes divided by the number of variables",
        "You divide the slopes by d, the number of variables. A step is the learning rate times the slopes.",
        ("learning_rate * slope for", "learning_rate * slope / len(point) for"),
    ),
    walk(
        "slopes doubled",
        "You multiply the slopes by 2. They come from the argument gradient as they are: the learning rate is the only factor.",
        ("learning_rate * slope for", "2 * learning_rate * slope for"),
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    for places in (2, 3, 4, 1):
        yield walk(
            f"the points rounded to {places} place{'s' * (places > 1)}",
            f"The walk is right, but you round its points to {places} place{'s' * (places > 1)}. Keep at "
            "least 5 decimal places.",
            ("return points", f"return [[round(coordinate, {places}) for coordinate in one] for one in points]"),
        )
    for places in (2, 3, 4):
        yield walk(
            f"rounded to {places} places inside the loop",
            f"You continue from points rounded to {places} places. Walk with the unrounded ones, and round only "
            "what you return.",
            (STEP, f"round(coordinate - learning_rate * slope, {places}) for"),
        )
    for rate in (0.01, 0.1, 0.001):
        yield walk(
            f"learning rate always {rate:g}",
            f"Your learning rate is {rate:g} whatever is given: use the argument learning_rate.",
            ("learning_rate * slope for", f"{rate} * slope for"),
        )
    for name, code in (
        ("divided by the number of the step", "learning_rate / (step + 1)"),
        ("times the number of the step", "learning_rate * step"),
        ("smaller by a tenth in each step", "learning_rate * 0.9**step"),
        ("halved in each step", "learning_rate * 0.5**step"),
    ):
        yield walk(
            f"learning rate {name}",
            f"Your learning rate is {name}. Here it stays the same in all steps.",
            ("for _ in", "for step in"),
            ("learning_rate * slope for", f"{code} * slope for"),
        )
    yield walk(
        "momentum",
        "Your steps keep 0.9 of the step before (momentum). Here a step is the learning rate times the slopes alone.",
        ("slopes = gradient(list(point))", "slopes = [s + 0.9 * v for s, v in zip(gradient(list(point)), velocity)]"),
        (MOVE, f"velocity = slopes\n        {MOVE}"),
        ("points = [point]", "points = [point]\n    velocity = [0.0] * len(point)"),
    )
    length = "sum(slope * slope for slope in slopes) ** 0.5"
    for small in (1e-6, 1e-5, 1e-4, 1e-3, 0.01):
        yield walk(
            f"stops once the slopes are below {small:g}",
            f"It stops as soon as the slopes are shorter than {small:g}, and returns too few points. The "
            "exercise asks for iterations + 1 points.",
            (MOVE, f"if {length} < {small}:\n            break\n        {MOVE}"),
        )
        yield walk(
            f"stops once a step is below {small:g}",
            f"It stops as soon as a step is shorter than {small:g}, and returns too few points. The exercise "
            "asks for iterations + 1 points.",
            (MOVE, f"if learning_rate * {length} < {small}:\n            break\n        {MOVE}"),
        )


MISTAKES = [*COMMON, *list_variants()]
