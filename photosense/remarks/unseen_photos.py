"""Photos that nobody looked at: where the rules withhold them, whoever takes posts in or trains is told so."""

from compliance.facts import Child
from photosense.errors import PhotosenseError
from photosense.house import House
from photosense.progress import console
from qdrant.filters import any_of
from qdrant.points import Fields

_REMEDY = (
    "If they are yours, and no photo shows a child, say so: `photosense ingest ... --child clear`, with the same "
    "posts. Else send `child` with each post, train a detector (`photosense compliance train`) and send them again, "
    "review them, or let the rules say `require_detector: false` (docs/compliance.md)."
)


def say_unseen(house: House) -> None:
    """Say how many posts are withheld because nobody said whether their photos show a child."""
    count = house.store.count(any_of(Fields.CHILD, [Child.UNSEEN])) if house.law.gate.requires_detector else 0
    if count:
        console.print(f"{count:,} posts are withheld: nobody said whether their photos show a child. {_REMEDY}")


def say_held(house: House) -> None:
    """Say how many posts are withheld though somebody said of all that they are clear."""
    rules = house.law.gate.policy.strictest.withhold & {Child.CHILD, Child.REVIEW}
    count = house.store.count(any_of(Fields.CHILD, rules)) if rules else 0
    if count:
        console.print(
            f"{count:,} posts are withheld all the same: their words, a detector, a reviewer or an earlier word about "
            "the post itself speaks of a child. Look at them on the page /desk, while `photosense serve` runs."
        )


def check_teaching(house: House) -> None:
    """Refuse to train where no post may teach."""
    posts = house.store.count()
    if posts and not house.store.count(any_of(Fields.CHILD, house.law.gate.teaching())):
        raise PhotosenseError(
            f"None of the {posts:,} posts may teach: the rules withhold them all. {_REMEDY}", "none_may_teach"
        )
