"""Which column of a table, or field of JSONL, is the text to learn from."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundup.base.errors import UserError

USUAL = "text"
BETWEEN_DOCUMENTS = "\n\n"


@dataclass(frozen=True)
class TextColumn:
    """How the column of texts is chosen.

    Attributes
    ----------
    name : str
        The column that was asked for; empty to find it: ``text``, or the only column that can hold texts.
    required : bool
        Whether it must be the one that was asked for. If not, another one is found where that one is missing.
    """

    name: str = ""
    required: bool = True

    def choose(self, place: str, names: Sequence[str], texts: Sequence[str]) -> str:
        """Return the name of the column.

        Parameters
        ----------
        place : str
            The file, for messages.
        names, texts : sequence of str
            All columns, and those that can hold texts.

        Raises
        ------
        UserError
            The column that was asked for is missing or holds no texts, or there is not one certain choice.
        """
        for name in dict.fromkeys((self.name, USUAL)):
            if name and texts.count(name) == 1:
                return name
            if name and name == self.name and self.required:
                raise self._refuse(place, names, texts)
        if len(texts) == 1:
            return texts[0]
        if not texts:
            raise UserError(f"{place}: no column of texts. Its columns are {_list(names)}. Give another file.")
        raise UserError(
            f"{place}: several columns could be the text: {_list(texts)}. Name one with --set text_column=NAME."
        )

    def choose_field(self, place: str, record: Mapping[str, Any]) -> str:
        """Return the name of the field of texts by the first record of JSONL; what is wrong with it is told later.

        Raises
        ------
        UserError
            No field was asked for, and several could be the text.
        """
        if self.name in record or (self.name and self.required):
            return self.name
        texts = [name for name, value in record.items() if value is None or isinstance(value, str)]
        if USUAL in record or not texts:
            return USUAL
        return FIND.choose(place, list(record), texts)

    def _refuse(self, place: str, names: Sequence[str], texts: Sequence[str]) -> UserError:
        from groundup.data.tables.table import tidy

        shown = tidy(self.name)
        if texts.count(self.name) > 1:
            return UserError(f'{place}: {texts.count(self.name)} columns are called "{shown}". Rename one of them.')
        if self.name in names:
            return UserError(f'{place}: the column "{shown}" holds no texts. Those that do are {_list(texts)}.')
        near = difflib.get_close_matches(self.name, texts, n=1)
        hint = f'Did you mean "{tidy(near[0])}"?' if near else f"Its columns of texts are {_list(texts)}."
        return UserError(f'{place}: no column "{shown}". {hint}')


def _list(names: Sequence[str]) -> str:
    # Not above: tables take a while to import, and most texts are none.
    from groundup.data.tables.table import name_some

    return name_some(names, 20) or "none"


FIND = TextColumn()
