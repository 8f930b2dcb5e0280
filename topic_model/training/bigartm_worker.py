"""BigARTM in a process of its own: reads requests as lines of JSON, one answer each; the only file that imports artm.

Run as a script by `topic_model.bigartm`, perhaps by another Python, so it imports nothing else of this package.
"""

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]

DENSE = 1  # artm's number for a theta matrix that is given back whole
BATCH = 1000  # documents: what BigARTM's own tools put in one


class Worker:
    """One ARTM model, its batches, and the folder that it shares with the parent."""

    def __init__(self, artm: Any, messages: Any, folder: Path) -> None:
        self.messages, self.folder = messages, folder
        self.job: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
        self.classes = [f"m{index}" for index, size in enumerate(self.job["sizes"]) for _ in range(size)]
        used = sorted(set(self.classes))
        self.model = artm.ARTM(
            topic_names=[f"t{number}" for number in range(self.job["topics"])],
            class_ids=dict.fromkeys(used, 1.0),
            num_processors=self.job["threads"],
            num_document_passes=self.job["inner"],
            theta_columns_naming="title",
            cache_theta=False,
            seed=0,
        )
        if self.job["perplexity"]:
            self.model.scores.add(artm.PerplexityScore(name="perplexity", class_ids=used))
        for index, wish in enumerate(self.job["wishes"]):
            if wish["modality"] is not None:
                self.model.regularizers.add(_wiper(artm, f"w{index}"))
            self.model.regularizers.add(_regularizer(artm, f"r{index}", wish))
        self.model.initialize(dictionary=self._dictionary(artm))
        self.attached = self._set_phi(np.load(folder / "phi.npy"))
        self.batches = self._batches(artm)

    def one_pass(self, taus: list[float]) -> dict[str, Any]:
        """Go once over all documents; leaves phi.npy and n_wt.npy."""
        self._set_taus(taus)
        start = time.perf_counter()
        self.model.fit_offline(batch_vectorizer=self.batches, num_collection_passes=1)
        seconds = time.perf_counter() - start
        for name, matrix in (("phi", self.model.model_pwt), ("n_wt", self.model.model_nwt)):
            values, tokens, _ = self.model.get_phi_dense(model_name=matrix)
            in_order = np.zeros_like(values)
            in_order[np.asarray(tokens, np.int64)] = values
            np.save(self.folder / f"{name}.npy", in_order)
        return {"seconds": seconds, "perplexity": self._perplexity() if self.job["perplexity"] else float("nan")}

    def thetas(self, taus: list[float], documents: str, repeat: int) -> dict[str, Any]:
        """Infer documents, timed each time without the building of their batches; leaves thetas.npy."""
        self._set_taus(taus)
        indptr, rows, counts = self._read(documents)
        batches = list(self._messages(indptr, rows, counts))
        self.model.master.import_batches(batches)
        names = [batch.id for batch in batches]
        seconds: list[float] = []
        for _ in range(repeat):
            start = time.perf_counter()
            about, values = self.model.master.transform(batch_filenames=names, theta_matrix_type=DENSE)
            seconds.append(time.perf_counter() - start)
        in_order = np.zeros((len(indptr) - 1, self.job["topics"]), np.float32)
        in_order[np.asarray(about.item_title, np.int64)] = values
        np.save(self.folder / "thetas.npy", in_order)
        for name in names:
            self.model.master.remove_batch(name)
        return {"seconds": seconds}

    def _perplexity(self) -> float:
        """Perplexity of all words; BigARTM's own value is the product over the modalities."""
        parts = self.model.get_score("perplexity").class_id_info
        return math.exp(-sum(part.raw for part in parts) / sum(part.normalizer for part in parts))

    def _set_taus(self, taus: list[float]) -> None:
        for index, tau in enumerate(taus):
            self.model.regularizers[f"r{index}"].tau = tau

    def _dictionary(self, artm: Any) -> Any:
        """Name tokens by the numbers of their rows: nothing to escape, and the order is known."""
        data = self.messages.DictionaryData(name="vocabulary", num_items_in_collection=1)
        data.token.extend(map(str, range(len(self.classes))))
        data.class_id.extend(self.classes)
        for values in (data.token_value, data.token_tf, data.token_df):
            values.extend([1.0] * len(self.classes))
        dictionary = artm.Dictionary(name="vocabulary")
        dictionary.create(data)
        return dictionary

    def _set_phi(self, phi: NDArray[np.float32]) -> NDArray[np.float32]:
        """Write Phi over the random one; BigARTM reads from the array as long as no pass was made."""
        about, view = self.model.master.attach_model(model=self.model.model_pwt)
        view[:] = phi[np.asarray(about.token, np.int64)]
        return np.asarray(view)

    def _batches(self, artm: Any) -> Any:
        folder = self.folder / "batches"
        folder.mkdir()
        for shard in range(self.job["shards"]):
            for index, batch in enumerate(self._messages(*self._read(f"shard-{shard}.npz"))):
                (folder / f"{shard:06}-{index:06}.batch").write_bytes(batch.SerializeToString())
        return artm.BatchVectorizer(data_path=str(folder), data_format="batches")

    def _read(self, name: str) -> Arrays:
        with np.load(self.folder / name) as arrays:
            return arrays["indptr"], arrays["rows"], arrays["counts"]

    def _messages(
        self, indptr: NDArray[np.int64], rows: NDArray[np.int32], counts: NDArray[np.float32]
    ) -> Iterator[Any]:
        """Put documents into batches, titled by their numbers; one without tokens would be the end of BigARTM."""
        filled = np.flatnonzero(np.diff(indptr))
        for first in range(0, len(filled), BATCH):
            documents = filled[first : first + BATCH]
            used, columns = np.unique(
                np.concatenate([rows[indptr[d] : indptr[d + 1]] for d in documents]), return_inverse=True
            )
            batch = self.messages.Batch(id=f"00000000-0000-0000-0000-{first:012}")
            batch.token.extend(map(str, used.tolist()))
            batch.class_id.extend(self.classes[row] for row in used.tolist())
            taken = 0
            for d in documents.tolist():
                length = int(indptr[d + 1] - indptr[d])
                item = batch.item.add(id=d, title=str(d))
                item.token_id.extend(columns[taken : taken + length].tolist())
                item.token_weight.extend(counts[indptr[d] : indptr[d + 1]].tolist())
                taken += length
            yield batch


def _regularizer(artm: Any, name: str, wish: dict[str, Any]) -> Any:
    topics = [f"t{number}" for number in range(*wish["topics"])]
    if wish["kind"] == "theta":
        return artm.SmoothSparseThetaRegularizer(name=name, tau=0.0, topic_names=topics)
    if wish["kind"] == "select":
        return artm.TopicSelectionThetaRegularizer(name=name, tau=0.0, topic_names=topics)
    of_phi = {"phi": artm.SmoothSparsePhiRegularizer, "decorrelate": artm.DecorrelatorPhiRegularizer}[wish["kind"]]
    classes = None if wish["modality"] is None else [f"m{wish['modality']}"]
    return of_phi(name=name, tau=0.0, topic_names=topics, class_ids=classes)


def _wiper(artm: Any, name: str) -> Any:
    """Stand before a wish for one modality: it works on every token and adds nothing, as one topic is like itself.

    Without it BigARTM 0.9.2 counts in the other modalities, once more, what the wish before left there.
    """
    return artm.DecorrelatorPhiRegularizer(name=name, tau=0.0, topic_names=["t0"])


def main() -> None:
    """Answer requests until there are no more; what BigARTM itself prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(what: dict[str, Any]) -> None:
        print(json.dumps(what), file=answers, flush=True)

    try:
        import artm
        from artm.wrapper import messages_pb2
    except ImportError as error:
        answer({"missing": str(error)})
        return
    worker = Worker(artm, messages_pb2, Path.cwd())
    answer({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        answer(worker.thetas(**request) if "documents" in request else worker.one_pass(**request))


if __name__ == "__main__":
    main()
