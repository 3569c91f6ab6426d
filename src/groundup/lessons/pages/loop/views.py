"""What the lesson on the training loop shows."""

from groundup.lessons.pages.loop.batches import DIGITS, EPOCHS
from groundup.lessons.pages.loop.removing import LOOP

VIEWS = {"loop": LOOP, "epochs": EPOCHS, "digits": DIGITS}
