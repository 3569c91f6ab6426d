"""The rows of a table, or of one process's share of it, folded into sums that add up over shares.

Nothing but the kind of each column has to be known beforehand. A word met late in a column of words adds a column that
was 0 so far. A missing number is read as 0 with a 1 in a column of its own, so that the mean, known only at the end,
can still be put in its place. Shares that met different words, or the same in another order, are brought to the same
columns before they are added. A row falls to the held-out part by a random number that depends on the seed and on the
row's number alone, whichever process reads it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field

import numpy as np
from safetensors.numpy import load, save

from groundup.base.errors import UserError
from groundup.data.tables.columns import MAX_LEVELS, MISSING_LEVEL, is_odd, take_numbers
from groundup.data.tables.dates import Dates
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.table import TableChunk, read_words
from groundup.data.tables.totals import Sums, measure_sums
from groundup.models.qr import Triangle, fold, fold_onto

SAMPLE_ROWS = 2000

Key = tuple[str, str]
ONE, TARGET = ("", "one"), ("", "target")
VALUE, MISSING = "value", "missing"
RAGGED = "too many or too few cells"
# Rows are gathered until they are so many times as many as the columns: a few at a time cost as much to fold as many.
_FOLDED_TOGETHER = 2
_LOOKED_AT = 20
# The triangle of so many takes half a gigabyte.
MOST_KEYS = 8200


def level_key(column: str, word: str) -> Key:
    """Return the key of the column that is 1 where a cell is this word."""
    return column, f"level {word}"


def format_bad_cell(column: str) -> str:
    """Return why a row is left out whose cell is no number."""
    return f'"{column}" not a finite number'


@dataclass(frozen=True)
class Plan:
    """What to collect.

    Attributes
    ----------
    source, target : str
        The table, and the column to predict.
    numeric : dict
        Column to predict from → whether it holds numbers; the others hold words.
    fill_missing, skip_bad : bool
        As in `groundup.data.tables.read_design.read_design`.
    held_out : float
        The share of rows kept away from training.
    seed : int
        Chooses these rows.
    first_row : int
        The number of the table's first row.
    readings : dict
        Column of numbers → how it is written, where that is not plain.
    keep_rows : bool
        Keep the rows themselves, too, all in memory.
    """

    source: str
    target: str
    numeric: dict[str, bool]
    fill_missing: bool
    skip_bad: bool
    held_out: float
    seed: int
    first_row: int
    readings: dict[str, Spelling | Dates] = field(default_factory=dict)
    keep_rows: bool = False

    def draw_lots(self, rows: np.ndarray) -> np.ndarray:
        """Return each row's lot: below ``held_out`` it is held out."""
        # A stream of its own: with the plain seed, data simulated with the same one would be parted by its own values.
        stream = np.random.PCG64([self.seed, len("held out")]).advance(int(rows[0]) - self.first_row)
        return np.random.Generator(stream).random(int(rows[-1] - rows[0]) + 1)[rows - rows[0]]


@dataclass
class Collected:
    """Statistics of some rows.

    Attributes
    ----------
    keys : list of (str, str)
        What the columns of the triangles and of the sample are.
    levels : dict
        Column of words → the words met; the first has no key, it is where all the others are 0.
    present : dict
        Column → how many chunks had a value there.
    left_out : dict
        Reason → count of rows that could not be used for it; a row may have several reasons.
    rows_left_out : int
        How many rows could not be used, empty ones aside.
    train, test : Triangle
        Of the rows to learn from, and of those held out.
    sample : array of float64, shape (batch, key)
        Held-out rows, those with the smallest ``lots``, in the order of their ``rows``.
    extremes : dict
        Key of a column of numbers → the smallest and the largest in the rows to learn from.
    odd : list of str
        Columns that hold numbers or dates written otherwise than was expected.
    sums : dict
        Column of numbers → what tells whether the last cell is the sum of those above it.
    last_row : int
        The number of the last row.
    kept : list of (array, array)
        The rows themselves where they are kept, in blocks, those of early blocks without later columns; and which of
        them are held out.
    """

    keys: list[Key] = field(default_factory=lambda: [ONE, TARGET])
    levels: dict[str, list[str]] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    rows_left_out: int = 0
    train: Triangle = field(default_factory=lambda: Triangle(0, np.zeros((2, 2))))
    test: Triangle = field(default_factory=lambda: Triangle(0, np.zeros((2, 2))))
    sample: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    lots: np.ndarray = field(default_factory=lambda: np.zeros(0))
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    extremes: dict[Key, tuple[float, float]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    sums: dict[str, Sums] = field(default_factory=dict)
    last_row: int = 0
    kept: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    _waiting: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    @property
    def crowded(self) -> list[str]:
        """The columns that hold too many different words."""
        return [name for name, known in self.levels.items() if len(known) > MAX_LEVELS]

    def add(self, chunk: TableChunk, plan: Plan) -> None:
        """Add a chunk's rows to the statistics; if a column has too many words, its rows are not added.

        Raises
        ------
        RowError
            A cell cannot be used.
        """
        self.left_out[RAGGED] = self.left_out.get(RAGGED, 0) + chunk.ragged
        self.rows_left_out += chunk.ragged
        if len(chunk.rows) == 0:
            return
        entries: dict[Key, np.ndarray] = {}
        flaws: dict[str, np.ndarray] = {}
        reading = plan.readings.get(plan.target)
        values, empty, bad = take_numbers(plan.source, chunk, plan.target, plan.skip_bad, reading=reading)
        entries[TARGET] = values
        flaws[f'no "{plan.target}" given'] = empty
        flaws[format_bad_cell(plan.target)] = bad
        self.last_row = int(chunk.rows[-1])
        self._note_sums(plan.target, measure_sums(values, empty, bad, reading))
        self._note_odd(chunk, plan.target, bad)
        self._note_present(plan.target, empty)
        for name in plan.numeric:
            missing = self._read_column(chunk, name, plan, entries, flaws)
            self._note_present(name, missing)
            empty = empty & missing
        if self.crowded:
            return
        usable = ~np.any([empty, *flaws.values()], axis=0)
        self.rows_left_out += int(np.sum(~usable & ~empty))
        for reason, rows in flaws.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + int(np.sum(rows & ~empty))
        known = set(self.keys)
        self._grow([key for key in entries if key not in known])
        matrix = np.zeros((int(usable.sum()), len(self.keys)))
        matrix[:, 0] = 1
        for place, key in enumerate(self.keys):
            if key in entries:
                matrix[:, place] = entries[key][usable]
        lots = plan.draw_lots(chunk.rows)[usable]
        held = lots < plan.held_out
        self._note_extremes(matrix[~held])
        self._waiting.append((matrix, lots, chunk.rows[usable], held))
        if plan.keep_rows:
            self.kept.append((matrix, held))
        if sum(len(rows) for rows, *_ in self._waiting) >= _FOLDED_TOGETHER * len(self.keys):
            self.settle()

    def settle(self) -> None:
        """Fold the rows that wait for more of them."""
        if not self._waiting:
            return
        width = len(self.keys)
        matrix = np.concatenate([np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows, *_ in self._waiting])
        lots, rows, held = (np.concatenate([some[place] for some in self._waiting]) for place in (1, 2, 3))
        self._waiting = []
        self.train, self.test = _fold_more(self.train, matrix[~held]), _fold_more(self.test, matrix[held])
        self._keep_sample(matrix[held], lots[held], rows[held])

    def __add__(self, other: Collected) -> Collected:
        """Return the statistics of both."""
        self.settle()
        other.settle()
        levels = {name: list(self.levels.get(name, ())) for name in [*self.levels, *other.levels]}
        for name, known in other.levels.items():
            levels[name] += [word for word in known if word not in levels[name]]
        references = {level_key(name, known[0]) for name, known in levels.items() if known}
        met = dict.fromkeys([*self.keys, *other.keys])
        met |= dict.fromkeys(level_key(name, word) for name, known in levels.items() for word in known)
        keys = [key for key in met if key not in references]
        both = Collected(
            keys,
            levels,
            _add(self.present, other.present),
            _add(self.left_out, other.left_out),
            self.rows_left_out + other.rows_left_out,
        )
        ours, theirs = (np.column_stack([one.find(key) for key in keys]) for one in (self, other))
        both.train = self.train.transform(ours) + other.train.transform(theirs)
        both.test = self.test.transform(ours) + other.test.transform(theirs)
        both.sample, both.lots, both.rows = self.sample @ ours, self.lots, self.rows
        both._keep_sample(other.sample @ theirs, other.lots, other.rows)
        both.extremes = dict(self.extremes)
        both._widen(other.extremes)
        both.sums, both.last_row = dict(self.sums), max(self.last_row, other.last_row)
        for name, below in other.sums.items():
            both._note_sums(name, below)
        both.odd = list(dict.fromkeys([*self.odd, *other.odd]))
        return both

    def find(self, key: Key) -> np.ndarray:
        """Return what the columns are multiplied by to give the column of a key; 0 for an unknown key."""
        known = self.levels.get(key[0])
        if known and key == level_key(key[0], known[0]):
            return self.find(ONE) - sum(self.find(level_key(key[0], word)) for word in known[1:])
        found = np.zeros(len(self.keys))
        if key in self.keys:
            found[self.keys.index(key)] = 1
        return found

    def _read_column(
        self, chunk: TableChunk, name: str, plan: Plan, entries: dict[Key, np.ndarray], flaws: dict[str, np.ndarray]
    ) -> np.ndarray:
        """Read a column into ``entries``, note its ``flaws`` and return which cells are missing."""
        if plan.numeric[name]:
            reading = plan.readings.get(name)
            values, missing, bad = take_numbers(plan.source, chunk, name, plan.skip_bad, reading=reading)
            entries[name, VALUE] = values
            flaws[format_bad_cell(name)] = bad
            self._note_sums(name, measure_sums(values, missing, bad, reading))
            self._note_odd(chunk, name, bad)
            if np.any(missing) and plan.fill_missing:
                entries[name, MISSING] = missing.astype(float)
        else:
            codes, words = read_words(chunk, name)
            missing = codes < 0
            if plan.fill_missing and np.any(missing):
                codes, words = np.where(missing, len(words), codes), [*words, MISSING_LEVEL]
            known = self.levels.setdefault(name, [])
            new = dict.fromkeys(words)
            for word in known:
                new.pop(word, None)
            known += [*new][: MAX_LEVELS + 1]  # of more there is no use
            for code, word in enumerate(words if len(known) <= MAX_LEVELS else []):
                if word != known[0]:
                    entries[level_key(name, word)] = (codes == code).astype(float)
        if not plan.fill_missing:
            flaws[f'no "{name}" given'] = missing
        return missing

    def _note_odd(self, chunk: TableChunk, name: str, bad: np.ndarray) -> None:
        if name not in self.odd and np.any(bad):
            places = np.flatnonzero(bad)[:_LOOKED_AT].tolist()
            self.odd += [name] if any(is_odd(chunk, name, place) for place in places) else []

    def _note_sums(self, name: str, below: Sums) -> None:
        self.sums[name] = self.sums[name] + below if name in self.sums else below

    def _note_present(self, name: str, missing: np.ndarray) -> None:
        self.present[name] = self.present.get(name, 0) + (not np.all(missing))

    def _note_extremes(self, matrix: np.ndarray) -> None:
        if len(matrix):
            bounds = zip(self.keys, matrix.min(axis=0).tolist(), matrix.max(axis=0).tolist(), strict=True)
            self._widen({key: (low, high) for key, low, high in bounds if key == TARGET or key[1] == VALUE})

    def _widen(self, bounds: dict[Key, tuple[float, float]]) -> None:
        for key, (low, high) in bounds.items():
            least, most = self.extremes.get(key, (low, high))
            self.extremes[key] = min(low, least), max(high, most)

    def _grow(self, new: Sequence[Key]) -> None:
        self.keys += new
        if len(self.keys) > MOST_KEYS:
            raise UserError(f"More than {MOST_KEYS} columns and words to weigh. Name fewer columns with --features.")
        self.train, self.test = self.train.append_columns(len(new)), self.test.append_columns(len(new))
        self.sample = np.pad(self.sample, ((0, 0), (0, len(new))))

    def _keep_sample(self, sample: np.ndarray, lots: np.ndarray, rows: np.ndarray) -> None:
        sample, lots, rows = np.vstack([self.sample, sample]), np.r_[self.lots, lots], np.r_[self.rows, rows]
        kept = np.argsort(lots, kind="stable")[:SAMPLE_ROWS]
        kept = kept[np.argsort(rows[kept])]
        self.sample, self.lots, self.rows = sample[kept], lots[kept], rows[kept]


def _add(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one | other}


def _fold_more(triangle: Triangle, rows: np.ndarray) -> Triangle:
    return triangle if len(rows) == 0 else fold(rows) if triangle.rows == 0 else fold_onto(triangle, rows)


def pack(collected: Collected) -> bytes:
    """Return what was collected as a message: 16·k² bytes for k keys, and 8·(k + 2) for each row of the sample."""
    collected.settle()
    facts = {
        "keys": collected.keys,
        "levels": collected.levels,
        "present": collected.present,
        "left_out": collected.left_out,
        "rows_left_out": collected.rows_left_out,
        "rows": [collected.train.rows, collected.test.rows],
        "odd": collected.odd,
        "sums": {name: astuple(sums) for name, sums in collected.sums.items()},
        "last_row": collected.last_row,
        "extremes": [[*key, *bounds] for key, bounds in collected.extremes.items()],
    }
    return save(
        {
            "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
            "train": np.ascontiguousarray(collected.train.factor),
            "test": np.ascontiguousarray(collected.test.factor),
            "sample": np.ascontiguousarray(collected.sample),
            "lots": collected.lots,
            "rows": collected.rows,
        }
    )


def unpack(message: bytes) -> Collected:
    """Return what `pack` packed."""
    arrays = load(message)
    facts = json.loads(arrays["facts"].tobytes())
    train, test = facts["rows"]
    return Collected(
        [(name, kind) for name, kind in facts["keys"]],
        facts["levels"],
        facts["present"],
        facts["left_out"],
        facts["rows_left_out"],
        Triangle(train, arrays["train"]),
        Triangle(test, arrays["test"]),
        arrays["sample"],
        arrays["lots"],
        arrays["rows"],
        {(name, kind): (low, high) for name, kind, low, high in facts["extremes"]},
        facts["odd"],
        {name: Sums(*sums) for name, sums in facts["sums"].items()},
        facts["last_row"],
    )
