"""Seeing: Inception-v3 in onnxruntime and OpenVINO beside Keras `predict`, a photo at a time; decoding beside Pillow.

The network has random weights, which cost the same as trained ones; Keras writes it as ONNX first, and how far both are
apart is told. All engines have as many threads and take turns, photo by photo, so that a busy machine disturbs each.
Without TensorFlow only decoding and `patches` are measured.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from vision.decoding.decode import decode
from vision.decoding.pool import DecodePool
from vision.make_encoder import make_encoder
from vision.networks.network import Runtime
from vision.networks.open_network import application_spec, open_network
from vision.networks.spec import read_spec

SIDE = 299


def photo(size: tuple[int, int], seed: int = 0) -> bytes:
    """A JPEG with about as much detail as a photo has."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (size[1] // 16, size[0] // 16, 3), dtype=np.uint8)
    grain = rng.integers(-12, 12, (size[1], size[0], 3))
    smooth = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)).astype(int)
    out = BytesIO()
    Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue()


def take_turns(rivals: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each; the first round warms up."""
    timings: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds + 1):
        for name, work in rivals.items():
            begun = time.perf_counter()
            work()
            timings[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(times[1:]) for name, times in timings.items()}


def networks(threads: int, rounds: int, console: Console) -> dict[str, float]:
    """Keras `predict` and the engines that serve, on one photo at a time."""
    from vision.networks.keras import KerasNetwork

    with tempfile.TemporaryDirectory() as folder:
        spec = application_spec("inception-v3", "random")
        keras = KerasNetwork(spec, threads)
        written = write(keras, Path(folder))
        ours = {
            runtime: open_network(read_spec(written), runtime, threads)
            for runtime in Runtime
            if find_spec(runtime.value) is not None
        }
        batch = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3)).astype(np.float32)
        expected = keras.run(batch)
        apart = {
            runtime: max(float(np.abs(engine.run(batch)[name] - expected[name]).max()) for name in expected)
            for runtime, engine in ours.items()
        }
        rivals: dict[str, Callable[[], Any]] = {
            "Keras predict": lambda: keras.model.predict(batch, verbose=0),
            "Keras predict_on_batch": lambda: keras.model.predict_on_batch(batch),
        }
        rivals |= {runtime.value: partial(engine.run, batch) for runtime, engine in ours.items()}
        timings = take_turns(rivals, rounds)
    table = Table("Inception-v3, one photo", "ms", "times faster than predict", "apart from Keras at most")
    for name, milliseconds in timings.items():
        ratio = timings["Keras predict"] / milliseconds
        table.add_row(
            name, f"{milliseconds:.1f}", f"{ratio:.2f}", f"{apart[Runtime(name)]:.1e}" if name in apart else ""
        )
    console.print(table)
    figures = {f"{name.replace(' ', '_').lower()}_ms": value for name, value in timings.items()}
    for runtime, name in ((Runtime.ONNXRUNTIME, "onnx_vs_keras"), (Runtime.OPENVINO, "openvino_vs_keras")):
        if runtime in timings:
            figures[name] = timings["Keras predict"] / timings[runtime]
    return figures


def write(keras: Any, folder: Path) -> Path:
    """Write the network and its description; the weights are random, and must be those of `keras`."""
    from vision.networks.export import describe
    from vision.networks.keras import write_onnx

    spec = application_spec("inception-v3", "random")
    write_onnx(keras.model, folder / f"{spec.name}.onnx")
    description = folder / f"{spec.name}.toml"
    description.write_text(describe(spec), "utf-8")
    return description


def decoding(rounds: int, console: Console) -> dict[str, float]:
    """A large JPEG to the size that a network wants; then many small ones through processes of their own."""
    large = photo((2048, 1536))

    def plainly() -> Any:
        with Image.open(BytesIO(large)) as opened:
            return np.asarray(opened.convert("RGB").resize((399, SIDE), Image.Resampling.BICUBIC))

    timings = take_turns({"ours": lambda: decode(large), "Pillow": plainly}, rounds)
    small = [photo((500, 375), seed) for seed in range(16)] * (4 if rounds < 20 else 12)
    begun = time.perf_counter()
    for data in small:
        decode(data)
    here = len(small) / (time.perf_counter() - begun)
    with DecodePool(2) as pool:
        for future in [pool.submit(small[0]) for _ in range(4)]:
            future.result()
        begun = time.perf_counter()
        for future in [pool.submit(data) for data in small]:
            future.result()
        there = len(small) / (time.perf_counter() - begun)
    patches = make_encoder("patches")
    pixels = [decode(data) for data in small[:16]]
    per_photo = take_turns({"patches": lambda: patches.encode(pixels)}, max(3, rounds // 4))["patches"] / len(pixels)
    table = Table("decoding", "ours", "rival", "ratio")
    ratio = timings["Pillow"] / timings["ours"]
    table.add_row(
        "2048 x 1536 JPEG to 299, ms",
        f"{timings['ours']:.1f}",
        f"Pillow plainly {timings['Pillow']:.1f}",
        f"{ratio:.1f}",
    )
    table.add_row(
        "500 x 375 JPEG, photos/s", f"two processes {there:.0f}", f"in this process {here:.0f}", f"{there / here:.2f}"
    )
    table.add_row("`patches`, photos/s", f"{1000 / per_photo:.0f}", "", "")
    console.print(table)
    return {
        "decode_ms": timings["ours"],
        "decode_vs_pillow": ratio,
        "pool_per_s": there,
        "patches_per_s": 1000 / per_photo,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--threads", type=int, default=min(os.cpu_count() or 1, 2), help="of each engine")
    options = parser.parse_args()
    console = Console()
    figures = decoding(10 if options.quick else 40, console)
    missing = [name for name in ("tensorflow", "tf2onnx", "onnxruntime") if find_spec(name) is None]
    if missing:
        console.print(f"Networks are not measured: {', '.join(missing)} not installed.")
    else:
        figures |= networks(options.threads, 12 if options.quick else 60, console)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
