"""What the lesson on optimizers shows."""

from groundup.lessons.pages.optimisers.networks import NETWORKS
from groundup.lessons.pages.optimisers.racing import RACE
from groundup.lessons.pages.optimisers.valley import VALLEY

VIEWS = {"valley": VALLEY, "race": RACE, "networks": NETWORKS}
