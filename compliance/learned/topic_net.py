"""The second net: questions in words that no rule knows, whose topics are those of posts about children."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from common.arrays import AnyFloat, Float32, Float64
from common.digest import check_seal, sealed
from common.files import write_file
from compliance.errors import ComplianceError
from compliance.facts import Child

FILE: Final = "topic_net.json"
LEAST: Final = 50  # posts about children; the shares of fewer would be chance
ABOUT_CHILDREN: Final = frozenset({Child.CHILD, Child.CONSENTED})
COUNTED: Final = ABOUT_CHILDREN | {Child.CLEAR, Child.UNSEEN}  # what waits for review says nothing yet


@dataclass(frozen=True)
class TopicNet:
    """The share of posts about children in each topic of a model, and of how many posts it was made."""

    model: str
    shares: Float64
    posts: int
    children: int

    @property
    def holds(self) -> bool:
        """Whether enough posts about children are in it."""
        return self.children >= LEAST

    def share(self, theta: AnyFloat) -> float:
        """How much of the posts with these topics is about children, 0 to 1."""
        return float(theta @ self.shares)


class TopicNetBuilder:
    """Counts posts one by one, by their topics."""

    def __init__(self, model: str, topics: int) -> None:
        self._model = model
        self._mass, self._child_mass = np.zeros(topics), np.zeros(topics)
        self._posts = self._children = 0

    def count(self, theta: Float32, child: Child) -> None:
        """Count a post by the kind that it has."""
        if child in COUNTED:
            self._posts += 1
            self._mass += theta
        if child in ABOUT_CHILDREN:
            self._children += 1
            self._child_mass += theta

    def net(self) -> TopicNet:
        """The net of what was counted; a topic that no post has is taken for one of no child."""
        shares = np.divide(self._child_mass, self._mass, out=np.zeros_like(self._mass), where=self._mass > 0)
        return TopicNet(self._model, shares, self._posts, self._children)


def save_net(net: TopicNet, folder: Path) -> None:
    """Write the net beside its model."""
    about = {"model": net.model, "posts": net.posts, "children": net.children, "shares": net.shares.round(6).tolist()}
    write_file(folder / FILE, json.dumps(sealed(about)))


def load_net(folder: Path, model: str, topics: int) -> TopicNet | None:
    """The net of a model; None where it was trained without one. One that does not fit is refused."""
    file = folder / FILE
    try:
        about = json.loads(file.read_text("utf-8"))
        check_seal(about)
        net = TopicNet(about["model"], np.asarray(about["shares"], float), int(about["posts"]), int(about["children"]))
        if net.model != model or net.shares.shape != (topics,) or not ((net.shares >= 0) & (net.shares <= 1)).all():
            raise ValueError("it is not of this model")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ComplianceError(
            f"{file} holds no whole topic net ({error}): restore it, or train again with `photosense train`."
        ) from None
    return net
