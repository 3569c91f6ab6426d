"""The one error a user is meant to read: what is wrong, where, and what to do about it."""


class UserError(Exception):
    r"""Bad input or wrong usage, told in one line.

    The command line prints the message without a traceback and exits with code 2.
    Library code raises it for anything its caller can put right; a message names the thing,
    the place and the remedy, for example
    ``heights.csv, row 17, column "father": "tall" is not a number. Correct it or leave the row
    out with --set skip_bad_rows=true.``

    What a message quotes may hold anything: line ends, and letters that would command the terminal, are written as
    Python writes them (``\n``, ``\x1b``).
    """

    def __init__(self, message: str) -> None:
        super().__init__("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in message))


class Stopped(Exception):  # noqa: N818, what happened is no error
    """Ctrl-C, with a line that says how to continue."""
