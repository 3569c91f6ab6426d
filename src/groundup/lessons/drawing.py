"""A board to draw a digit on, with the mouse, a finger or a pen."""

from __future__ import annotations

import base64
import binascii
import io
from typing import ClassVar

import anywidget
import numpy as np
import traitlets

from groundup.base.errors import UserError
from groundup.data.images.images import read_picture

_SCRIPT = """
function render({ model, el }) {
  const board = document.createElement("canvas");
  board.width = board.height = 240;
  board.className = "groundup-board";
  board.setAttribute("aria-label", "Draw a digit here with the mouse or a finger");
  const clear = document.createElement("button");
  clear.textContent = "Clear";
  clear.className = "groundup-clear";
  el.append(board, clear);
  const brush = board.getContext("2d");
  let from = null;
  const wipe = () => {
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, 240, 240);
  };
  const send = (picture) => {
    model.set("picture", picture);
    model.save_changes();
  };
  const draw = (event) => {
    const box = board.getBoundingClientRect();
    const to = [((event.clientX - box.left) * 240) / box.width, ((event.clientY - box.top) * 240) / box.height];
    Object.assign(brush, { lineWidth: 21, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    brush.beginPath();
    brush.moveTo(...(from ?? to));
    brush.lineTo(...to);
    brush.stroke();
    from = to;
  };
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    from = null;
    draw(event);
  });
  board.addEventListener("pointermove", (event) => event.buttons && draw(event));
  board.addEventListener("pointerup", () => send(board.toDataURL("image/png")));
  clear.addEventListener("click", () => {
    wipe();
    send("");
  });
  wipe();
}
export default { render };
"""
_STYLE = """
.groundup-board {
  display: block; width: 240px; height: 240px; border: 1px solid #7d8590; border-radius: 8px;
  touch-action: none; cursor: crosshair;
}
.groundup-clear {
  margin-top: 8px; padding: 4px 12px; border: 1px solid #7d8590; border-radius: 6px;
  background: transparent; color: inherit; cursor: pointer;
}
"""


class Board(anywidget.AnyWidget):
    """A white board.

    Attributes
    ----------
    picture : str
        What is drawn, as a PNG in a data address; empty while nothing is.
    """

    _esm: ClassVar = _SCRIPT
    _css: ClassVar = _STYLE
    picture = traitlets.Unicode("").tag(sync=True)


def read_board(picture: str) -> np.ndarray | None:
    """Return a drawing as the digit networks see pictures; None where nothing is drawn.

    Parameters
    ----------
    picture : str
        `Board.picture`.

    Returns
    -------
    array of uint8, shape (28, 28), or None
    """
    try:
        pixels = read_picture(io.BytesIO(base64.b64decode(picture.partition(",")[2], validate=True)))
    except (binascii.Error, UserError):
        return None
    return pixels if pixels.any() else None
