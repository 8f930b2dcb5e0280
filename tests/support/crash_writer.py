"""Writes to the store in a folder without end, and says on stdout what was acknowledged: made to be killed.

Each line is `store POST VERSION`, `delete POST` or `hold POST`; before it, `try ...` tells what was begun.
"""

import random
import sys
from pathlib import Path

import numpy as np

from qdrant.open_store import open_folder
from qdrant.store import Standing
from qdrant.vector_kind import THETA
from tests.support.points import MODEL, TOPICS, point


def main(folder: Path, seed: int) -> None:
    """Write until killed."""
    chance = random.Random(seed)
    store = open_folder(folder)
    store.add_vector(THETA.of(MODEL), TOPICS)
    store.activate(MODEL)
    version = 1 + max((one.version or 0 for one in store.scroll()), default=0)
    print("ready", flush=True)
    while True:
        version += 1
        posts = [f"p{chance.randrange(400)}" for _ in range(chance.choice([1, 5, 60]))]
        kind = chance.choice(["store", "store", "store", "delete", "hold"])
        for post in posts:
            print("try", kind, post, version)
        sys.stdout.flush()
        match kind:
            case "store":
                theta = np.eye(TOPICS, dtype=np.float32)[version % TOPICS]
                given = {"version": version, "vectors": {THETA.of(MODEL): theta}, "words": {"sea": 1.0}}
                store.upsert([point(post, **given, attrs={"size": version}) for post in posts])
            case "delete":
                store.delete(posts)
            case "hold":
                store.set_facts({post: Standing("held", "child", {"v": version}) for post in posts})
        for post in posts:
            print(kind, post, version)
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
