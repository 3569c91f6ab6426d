"""What a run on a table keeps of its columns in ``config.json``."""

from __future__ import annotations

from groundup.base.shape import either, fields, flag, list_of, mapping_of, maybe, number, one_of, text
from groundup.data.tables.date_cells import MEANINGS

# How a column's cells are read: see `Spelling` and `Dates`.
_NUMBERS = fields(
    {
        "numbers": fields(
            {
                "decimal": one_of(".", ","),
                "before": list_of(text),
                "after": list_of(text),
                "scaled": flag,
                "grouped": flag,
                "example": text,
            },
            rest=False,
        )
    },
    rest=False,
)
_DATES = fields(
    {
        "dates": fields(
            {"meaning": one_of(*(list(meaning) for meaning in MEANINGS)), "origin": number(-1e9, 1e9), "example": text}
        )
    }
)
COLUMNS = list_of(
    fields(
        {"name": text, "levels": maybe(list_of(text, least=1)), "fill": maybe(number())},
        {"reading": maybe(either(_NUMBERS, _DATES))},
    ),
    least=1,
)
UNITS = mapping_of(text)
MEANS = mapping_of(either(number(), text))
