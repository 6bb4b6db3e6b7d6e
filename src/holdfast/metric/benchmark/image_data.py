"""Read pictures in the formats their publishers use: IDX, CIFAR-10 binary, npz, a folder of image files.

Nothing here unpickles: arrays in which Python objects hide are refused. Pictures become rows of bytes, channels first.
"""

import gzip
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.benchmark.datasets import Dataset, ImageShape, Split, encode_labels, hold_out
from holdfast.metric.error import MetricError

__all__ = ["IMAGE_SUFFIXES", "read_cifar10", "read_idx", "read_idx_folder", "read_image_folder", "read_npz"]

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

_CIFAR_SHAPE = ImageShape(3, 32, 32)
_CIFAR_RECORD = 1 + _CIFAR_SHAPE.pixels
_TEST_SHARE = 0.2
_SPLIT_SEED = 0


def read_npz(path: Path) -> Dataset:
    """Read an npz archive with the arrays X_train, y_train, X_test and y_test (either case of x).

    Pictures are unsigned bytes, (n, height, width), (n, height, width, channels) or (n, channels, height, width) with
    1 or 3 channels; a (n, features) array of floats is taken as a table.

    Raises:
        MetricError: It is not an npz archive, an array is missing, holds objects or does not fit the others.
    """
    arrays = _npz_arrays(path)
    (train, shape), (test, test_shape) = _pixels(arrays["x_train"], path), _pixels(arrays["x_test"], path)
    if shape != test_shape:
        raise MetricError(f"{path.name} must have one size of picture, got `{shape}` and `{test_shape}`; mend it.")
    labels = [arrays[name].reshape(-1) for name in ("y_train", "y_test")]
    classes, encoded = encode_labels(_as_names(np.concatenate(labels), path))
    cut = len(labels[0])
    return Dataset(
        name=path.stem,
        train=Split(inputs=train, labels=encoded[:cut]),
        test=Split(inputs=test, labels=encoded[cut:]),
        classes=classes,
        image_shape=shape,
    )


def _npz_arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """Return the four arrays under lower-case names."""
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise MetricError(f"{path.name} must be an npz archive, got `a single array`; save it with np.savez.")
            named = {key.lower(): key for key in archive.files}
            wanted = ("x_train", "y_train", "x_test", "y_test")
            if missing := [name for name in wanted if name not in named]:
                raise MetricError(
                    f"{path.name} must hold X_train, y_train, X_test and y_test, got `{sorted(archive.files)!r}`; "
                    f"add {', '.join(missing)}."
                )
            return {name: archive[named[name]] for name in wanted}
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise MetricError(f"{path.name} must be a readable npz archive; it is damaged: fetch it anew.") from error
    except MetricError:
        raise
    except ValueError as error:  # numpy says so where an array holds objects, or where the file is no archive at all
        raise MetricError(
            f"{path.name} must hold plain arrays, it needs unpickling, which can run code; save arrays of numbers."
        ) from error


def _pixels(array: NDArray[Any], path: Path) -> tuple[Any, ImageShape | None]:
    """Return rows of values and the layout of the pictures, or None for a table of floats."""
    if array.ndim == 2 and array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise MetricError(f"{path.name} must hold finite numbers; fill what is missing, or give a table.")
        return array.astype(np.float32), None
    if array.dtype != np.uint8 or array.ndim not in (3, 4):
        got = f"{array.dtype} {array.shape}"
        raise MetricError(
            f"{path.name} must hold pictures as bytes, (n, height, width[, channels]), or a float table, got `{got}`; "
            "convert it."
        )
    if array.ndim == 3:
        array = array[:, None]
    elif array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.shape[1] not in (1, 3):
        raise MetricError(f"{path.name} must hold grey or colour pictures, got `{array.shape}`; give 1 or 3 channels.")
    shape = ImageShape(*map(int, array.shape[1:]))
    return np.ascontiguousarray(array).reshape(len(array), -1), shape


def _as_names(labels: NDArray[Any], path: Path) -> NDArray[np.str_]:
    """Return labels as names that sort as the numbers do."""
    if labels.dtype.kind in "iub":
        numbers = labels.astype(np.int64)
        width = len(str(np.abs(numbers).max(initial=0)))
        if width == 1 or numbers.min(initial=0) < 0:
            return numbers.astype(str)
        return np.char.zfill(numbers.astype(str), width)
    if labels.dtype.kind == "U":
        return labels
    raise MetricError(f"{path.name} must hold labels as whole numbers or text, got `{labels.dtype}`; convert them.")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes, gzipped or not (format: LeCun, Cortes and Burges, the MNIST database).

    Raises:
        MetricError: The file is not IDX, holds another type than bytes, or is cut short.
    """
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise MetricError(f"{path.name} must be a readable file; it is damaged: fetch it anew.") from error
    if len(data) < 4 or data[:2] != b"\x00\x00":
        raise MetricError(f"{path.name} must be an IDX file, got `{data[:4]!r}` at its start; fetch it anew.")
    if data[2] != 0x08:
        raise MetricError(f"{path.name} must hold unsigned bytes (type 0x08), got `{data[2]:#04x}`; convert it.")
    header = 4 + 4 * data[3]
    if len(data) < header:
        raise MetricError(f"{path.name} must have its {data[3]} sizes; it is cut short: fetch it anew.")
    shape = struct.unpack(f">{data[3]}I", data[4:header])
    expected = header + int(np.prod(shape, dtype=np.int64))
    if len(data) != expected:
        raise MetricError(f"{path.name} must be {expected} bytes long, got `{len(data)}`; fetch it anew.")
    return np.frombuffer(data, dtype=np.uint8, offset=header).reshape(shape)


def read_idx_folder(folder: Path) -> Dataset:
    """Read a folder as MNIST and its kin are published: images and labels, train and t10k (or test).

    Raises:
        MetricError: One of the four files is missing or there are several for one place, or they do not fit together.
    """
    found = {(part, kind): _idx_file(folder, part, kind) for part in ("train", "t10k|test") for kind in _IDX_KINDS}
    splits = []
    for part in ("train", "t10k|test"):
        images, labels = read_idx(found[part, "images"]), read_idx(found[part, "labels"])
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            got = f"{images.shape} and {labels.shape}"
            raise MetricError(f"{found[part, 'images'].name} and its labels must fit, got `{got}`; fetch them anew.")
        splits.append((images, labels))
    shape = ImageShape(1, *map(int, splits[0][0].shape[1:]))
    classes, encoded = encode_labels(_as_names(np.concatenate([labels for _, labels in splits]), folder))
    train, test = (images.reshape(len(images), -1) for images, _ in splits)
    return Dataset(
        name=folder.name,
        train=Split(inputs=train, labels=encoded[: len(train)]),
        test=Split(inputs=test, labels=encoded[len(train) :]),
        classes=classes,
        image_shape=shape,
    )


_IDX_KINDS = {"images": "idx3", "labels": "idx1"}


def _idx_file(folder: Path, part: str, kind: str) -> Path:
    pattern = re.compile(rf"(^|.*[-_.])({part})[-_.]{kind}[-_.]{_IDX_KINDS[kind]}[-_.]ubyte(\.gz)?$")
    matches = [path for path in sorted(folder.iterdir()) if pattern.match(path.name)]
    if len({path.name.removesuffix(".gz") for path in matches}) != 1:
        name = f"{part.split('|')[0]}-{kind}-{_IDX_KINDS[kind]}-ubyte"
        got = [path.name for path in matches]
        raise MetricError(f"{folder.name} must hold one file {name}[.gz], got `{got!r}`; fetch or separate them.")
    return matches[0]


def read_cifar10(folder: Path) -> Dataset:
    """Read CIFAR-10's binary version: data_batch_*.bin and test_batch.bin (Krizhevsky 2009).

    Raises:
        MetricError: It is the version for Python, whose files are pickles; or a file is missing or damaged.
    """
    training, test = sorted(folder.glob("data_batch_*.bin")), folder / "test_batch.bin"
    if not training and any(path.suffix == "" for path in folder.glob("data_batch_*")):
        raise MetricError(
            f"{folder.name} must be CIFAR-10's binary version, got `the Python version`, whose files are pickles: "
            "reading a pickle can run code hidden in it; download cifar-10-binary.tar.gz instead."
        )
    if not training or not test.is_file():
        raise MetricError(f"{folder.name} must hold data_batch_1.bin ... and test_batch.bin; fetch what is missing.")
    batches = [_cifar_batch(path) for path in training]
    return Dataset(
        name=folder.name,
        train=Split(
            inputs=np.concatenate([batch.inputs for batch in batches]),
            labels=np.concatenate([batch.labels for batch in batches]),
        ),
        test=_cifar_batch(test),
        classes=_cifar_classes(folder),
        image_shape=_CIFAR_SHAPE,
        notes=(f"{len(training)} training batches",),
    )


def _cifar_batch(path: Path) -> Split:
    records = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    if len(records) == 0 or len(records) % _CIFAR_RECORD:
        raise MetricError(
            f"{path.name} must be a whole number of {_CIFAR_RECORD}-byte records, got `{len(records)}` bytes; "
            "fetch it anew."
        )
    records = records.reshape(-1, _CIFAR_RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise MetricError(f"{path.name} must have labels 0 to 9, got `{labels.max()}`; give CIFAR-10, not CIFAR-100.")
    return Split(inputs=np.ascontiguousarray(records[:, 1:]), labels=labels)


def _cifar_classes(folder: Path) -> tuple[str, ...]:
    listed = folder / "batches.meta.txt"
    names = tuple(listed.read_text(encoding="utf-8").split()) if listed.is_file() else ()
    return names if len(names) == 10 else tuple(map(str, range(10)))


def read_image_folder(folder: Path, *, size: int | None = None) -> Dataset:
    """Read a folder of image files, one subfolder a class, or the same under ``train`` and ``test``.

    Without ``train`` and ``test``, a seeded fifth of each class is the test split. If every picture is grey all stay
    grey; otherwise all become colour.

    Args:
        folder: Where the subfolders are. Files that are not images by their suffix are left out, and counted.
        size: Height and width to resize to; None keeps the pictures' own size, which must then be one.

    Raises:
        MetricError: There are no pictures, they differ in size and ``size`` is None, or one cannot be read.
    """
    if size is not None and size < 1:
        raise MetricError(f"size must be a positive number of pixels, got `{size!r}`; give 32, for instance.")
    parts = [folder / "train", folder / "test"]
    split = all(path.is_dir() for path in parts)
    listed = [_image_files(part) for part in (parts if split else [folder])]
    files = [file for images, _ in listed for file in images]
    if not files:
        raise MetricError(f"{folder.name} must have one subfolder of images a class; it has no images: add them.")
    inputs, shape = _decode(files, size)
    classes, labels = encode_labels(np.array([file.parent.name for file in files]))
    rows = np.arange(len(files), dtype=np.int64)
    cut = len(listed[0][0])
    kept, held = (rows[:cut], rows[cut:]) if split else hold_out(labels, share=_TEST_SHARE, seed=_SPLIT_SEED)
    everything = Split(inputs=inputs, labels=labels)
    return Dataset(
        name=folder.name,
        train=everything.rows(kept),
        test=everything.rows(held),
        classes=classes,
        image_shape=shape,
        notes=_folder_notes(split, sum(left_out for _, left_out in listed), size),
    )


def _folder_notes(split: bool, left_out: int, size: int | None) -> tuple[str, ...]:
    notes = [] if split else [f"test split: a fifth of each class, drawn with seed {_SPLIT_SEED}"]
    if left_out:
        notes.append(f"{left_out} files left out that are not images by their suffix")
    if size is not None:
        notes.append(f"resized to {size} x {size} pixels")
    return tuple(notes)


def _image_files(folder: Path) -> tuple[list[Path], int]:
    """Return the images in the class folders, in the order of their names, and how many other files there are."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    files = [path for each in folders for path in sorted(each.iterdir()) if path.is_file() and path.name[0] != "."]
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    return images, len(files) - len(images)


def _decode(files: Sequence[Path], size: int | None) -> tuple[NDArray[np.uint8], ImageShape]:
    pictures = [_picture(file, size) for file in files]
    grey = all(picture.ndim == 2 for picture in pictures)
    first = pictures[0].shape[:2]
    for file, picture in zip(files, pictures, strict=True):
        if picture.shape[:2] != first:
            raise MetricError(
                f"Images must have one size, got `{picture.shape[:2]}` for {file.name} and `{first}` for "
                f"{files[0].name}; give a size to resize them to."
            )
    if grey:
        return np.stack(pictures).reshape(len(pictures), -1), ImageShape(1, *first)
    colour = [picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2) for picture in pictures]
    return np.stack(colour).transpose(0, 3, 1, 2).reshape(len(colour), -1), ImageShape(3, *first)


def _picture(file: Path, size: int | None) -> NDArray[np.uint8]:
    """Return (height, width) bytes of a grey picture or (height, width, 3) of a colour one."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                if image.mode.startswith(("I", "F")):
                    raise MetricError(f"{file.name} must have 8 bits a channel, got `{image.mode}`; convert it.")
                plain = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    except (OSError, SyntaxError, UnidentifiedImageError) as error:
        raise MetricError(f"{file.name} must be a readable image; it is damaged: replace or remove it.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MetricError(f"{file.name} must be of reasonable size; it has too many pixels: resize it.") from error
    if size is not None and plain.size != (size, size):
        plain = plain.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(plain, dtype=np.uint8)
