"""What goes wrong in gradient descent on x²."""

from __future__ import annotations

from groundup.exercises.gradient_descent.variants import LOOP, MOVE, STEP, list_variants
from groundup.judge.exercise import Edit, Mistake

WALK, SLOPE = "walk_down", "square_slope"


def walk(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the walk."""
    return Mistake(name, says, [Edit(old, new, WALK)])


def slope(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the slope."""
    return Mistake(name, says, [Edit("2 * x", new, SLOPE)])


COMMON = [
    walk(
        "climbs instead of descending",
        "You add the slope. It points uphill: subtract it.",
        "guess - learning_rate",
        "guess + learning_rate",
    ),
    slope(
        "the function instead of its slope",
        "You subtract x² itself. The direction comes from its slope, 2x: subtract the learning rate times 2x.",
        "x * x",
    ),
    slope(
        "slope x instead of 2x",
        "You take x for the slope, or half the learning rate. The derivative of x² is 2x: the power comes down as a factor.",
        "x",
    ),
    slope(
        "slope always 2",
        "You take 2 for the slope everywhere. It is 2x: the further away, the steeper.",
        "2.0",
    ),
    walk(
        "learning rate ignored",
        "You subtract the whole slope: multiply it by the learning rate first.",
        "learning_rate * slope",
        "1 * slope",
    ),
    walk(
        "one step too few",
        "It takes one step fewer than asked for. range(1, n) and a loop that ends at n − 1 both lose one: "
        "`for _ in range(iterations)` runs exactly `iterations` times.",
        "range(iterations)",
        "range(iterations - 1)",
    ),
    walk(
        "one step too many",
        "It takes one step more than asked for, and one step where none is asked for. Look at the loop: "
        "range(iterations + 1) and `<=` both give one round too many.",
        "range(iterations)",
        "range(iterations + 1)",
    ),
    walk(
        "rounded inside the loop",
        "You round the guess in every step. Near the minimum a step is smaller than what rounding puts back, so the walk "
        "stalls. Round once, at the end.",
        STEP,
        f"round({STEP}, 5)",
    ),
    walk(
        "only one step",
        "It ends after the first step. Look for a return or break inside the loop, and move the return after the loop.",
        MOVE,
        f"{MOVE}\n        break",
    ),
    walk(
        "returned inside the loop",
        "It returns after the first step, and None where no step is asked for: the return is inside the loop. "
        "Indent it less, so that it comes after the loop.",
        f"{MOVE}\n    return guess",
        f"{MOVE}\n        return guess",
    ),
    walk(
        "at least one step",
        "It takes a step even if none is asked for: the number of steps is tested only after the first one. With "
        "0 iterations, return the first guess as it is.",
        "range(iterations)",
        "range(max(iterations, 1))",
    ),
    walk(
        "slope taken at the start only",
        "Every step uses the slope at the first guess. Compute the slope inside the loop, at the current guess.",
        "slope(guess)",
        "slope(start)",
    ),
    walk(
        "each step begins at the first guess",
        "Each step starts from the first guess instead of from the guess before: `guess = guess − …`, not `guess = init − …`.",
        STEP,
        "start - learning_rate * slope(guess)",
    ),
    walk(
        "the value x² returned",
        "You return the function's value at the end. The exercise asks for the guess itself.",
        "return guess",
        "return guess * guess",
    ),
    walk(
        "the slope returned",
        "You return the slope at the end, 2x. The exercise asks for the guess itself, x.",
        "return guess",
        "return slope(guess)",
    ),
    walk(
        "all guesses returned",
        "You return a list of all guesses. The exercise asks for one number: the last of them.",
        f"guess = start\n    {LOOP}\n    return guess",
        f"guess, guesses = start, [start]\n    {LOOP}\n        guesses.append(guess)\n    return guesses",
    ),
    walk(
        "the way instead of the place",
        "You return how far the guess moved. The exercise asks for the last guess itself.",
        "return guess",
        "return start - guess",
    ),
    walk(
        "guess and value returned",
        "You return two numbers, the guess and the function's value. The exercise asks for the guess alone.",
        "return guess",
        "return guess, guess * guess",
    ),
    walk(
        "text returned",
        "You return text. The exercise asks for a number: round(guess, 5), without formatting.",
        "return guess",
        'return f"{guess:.5f}"',
    ),
    walk(
        "the guess multiplied by the learning rate",
        "You multiply the guess by the learning rate instead of subtracting the learning rate times the slope.",
        STEP,
        "guess * learning_rate",
    ),
    walk(
        "the step instead of the guess",
        "The guess is replaced by the step: look for `=` where `-=` belongs. The step is subtracted from the old guess.",
        STEP,
        "learning_rate * slope(guess)",
    ),
    walk(
        "the guess replaced by minus the step",
        "The guess is replaced by −learning rate * slope: the old guess is missing in front of the minus.",
        STEP,
        "-learning_rate * slope(guess)",
    ),
    walk(
        "divided by the learning rate",
        "You divide the slope by the learning rate: multiply. A small rate means small steps.",
        "learning_rate * slope(guess)",
        "slope(guess) / learning_rate",
    ),
    walk(
        "a first guess of 0 replaced",
        "A first guess of 0 is replaced by 1: `init or 1` takes 0 for a missing value. Start from what is given.",
        "guess = start",
        "guess = start or 1.0",
    ),
    walk(
        "start and learning rate exchanged",
        "You take the first guess for the learning rate and the learning rate for the first guess. The order is "
        "(iterations, learning_rate, init).",
        "guess = start",
        "start, learning_rate = learning_rate, start\n    guess = start",
    ),
    walk(
        "the same way whichever side",
        "You subtract the size of the slope, without its sign. Left of 0 the slope is negative, and subtracting it moves to the "
        "right: leave out abs.",
        "slope(guess)",
        "abs(slope(guess))",
    ),
    walk(
        "only the slope's sign",
        "All your steps are equally long: you use only the sign of the slope. Multiply by the slope itself, so that steps shrink "
        "near the minimum.",
        "slope(guess)",
        "((guess > 0) - (guess < 0))",
    ),
    walk(
        "never below 0",
        "You do not let the guess go below 0. A first guess may be negative, and a long step may jump over the "
        "minimum: keep the guess as it is.",
        STEP,
        f"max({STEP}, 0)",
    ),
    walk(
        "the first guess without its sign",
        "You start from the size of the first guess. A walk from −3 comes from the left: leave out abs.",
        "guess = start",
        "guess = abs(start)",
    ),
    walk(
        "the result without its sign",
        "You return the guess without its sign. A walk from −3 ends left of 0: leave out abs.",
        "return guess",
        "return abs(guess)",
    ),
    walk(
        "the first guess cut to a whole number",
        "You cut the first guess to a whole number: leave out int.",
        "guess = start",
        "guess = int(start)",
    ),
    walk(
        "the result cut to a whole number",
        "You cut the result to a whole number: leave out int. It may be rounded to 5 decimal places.",
        "return guess",
        "return int(guess)",
    ),
    walk(
        "stops below 0",
        "It stops as soon as the guess is 0 or less, so it never moves from a negative first guess. Take all "
        "steps: the sign of the slope turns the walk around.",
        MOVE,
        f"if guess <= 0:\n            break\n        {MOVE}",
    ),
    slope(
        "2x² instead of 2x",
        "You take 2x² for the slope. The power 2 comes down as a factor and goes down by one: 2x.",
        "2 * x * x",
    ),
    slope("2 + x instead of 2x", "You add the 2 instead of multiplying with it: the slope is 2 * x.", "2 + x"),
    slope(
        "the 2 counted twice",
        "Your steps are twice as long as they should be. The slope is 2x: the 2 comes in once.",
        "4 * x",
    ),
    slope("3x² instead of 2x", "You take 3x², the slope of x³. Here it is x², whose slope is 2x.", "3 * x * x"),
    walk(
        "learning rate squared",
        "You multiply by the learning rate twice: once is enough.",
        "learning_rate * slope",
        "learning_rate * learning_rate * slope",
    ),
    walk(
        "Newton's step",
        "You step by the value over the slope, x² / 2x, which is Newton's method for zeros. Here a step is the learning rate times "
        "the slope.",
        STEP,
        "guess - 0.5 * guess",
    ),
    walk(
        "two steps per iteration",
        "It takes two steps per iteration: the update is in the loop twice, or runs again in a loop inside.",
        "range(iterations)",
        "range(2 * iterations)",
    ),
    walk(
        "the first guess returned",
        "You return the first guess, however many steps are asked for: the result of a step is not kept. Look for `guess = …` "
        "in the loop, and return that variable.",
        MOVE,
        STEP,
    ),
    walk(
        "0 where no step is asked for",
        "With 0 iterations you return 0. No step taken means the first guess, as it is.",
        "return guess",
        "return guess if iterations else 0",
    ),
    walk(
        "learning rate subtracted before multiplying",
        "You compute (guess − learning rate) * slope: the brackets are in the wrong place. Multiply the rate by "
        "the slope first, then subtract.",
        STEP,
        "(guess - learning_rate) * slope(guess)",
    ),
    walk(
        "the first guess rounded",
        "You round the first guess to a whole number. Start from what is given, and round once, at the end.",
        "guess = start",
        "guess = round(start)",
    ),
    slope(
        "2ˣ instead of 2x", "You take 2 to the power of x for the slope: `2 ** x`. It is 2 times x: `2 * x`.", "2**x"
    ),
]

MISTAKES = [*COMMON, *list_variants(walk, slope)]
