"""Pictures are read as their publishers write them, and nothing else is taken for a picture."""

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from holdfast.metric.benchmark.datasets import ImageShape
from holdfast.metric.benchmark.image_data import read_cifar10, read_idx, read_idx_folder, read_image_folder, read_npz
from holdfast.metric.error import MetricError


def arrays(pixels, **changed):
    labels = np.array([0, 1, 0, 1], dtype=np.uint8)
    return {"X_train": pixels[:4], "y_train": labels, "X_test": pixels[4:], "y_test": labels[:2]} | changed


@pytest.mark.parametrize("name", ["a-idx3-ubyte", "a-idx3-ubyte.gz"])
def test_an_idx_file_is_read_back_gzipped_or_not(tmp_path, pixels, write_idx, name):
    assert np.array_equal(read_idx(write_idx(tmp_path / name, pixels)), pixels)


def test_an_idx_header_is_big_endian_as_published(tmp_path):
    """The first bytes of MNIST's test labels, as the publisher describes them: magic 2049, count, then labels."""
    path = tmp_path / "t10k-labels-idx1-ubyte"
    path.write_bytes(bytes.fromhex("00000801 00000003 070201"))
    assert read_idx(path).tolist() == [7, 2, 1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PNG?", "must be an IDX file"),
        (b"", "must be an IDX file"),
        (bytes.fromhex("00000D01 00000001 00000000"), "must hold unsigned bytes"),
        (bytes.fromhex("00000803 00000001"), "must have its 3 sizes"),
        (bytes.fromhex("00000801 00000003 0702"), "must be 11 bytes long, got `10`"),
        (bytes.fromhex("00000801 00000003 07020105"), "must be 11 bytes long, got `12`"),
        (gzip.compress(b"\x00\x00\x08\x01", mtime=0)[:-6], "must be a readable file"),
    ],
)
def test_what_is_not_whole_idx_is_refused(tmp_path, data, message):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(MetricError, match=message):
        read_idx(tmp_path / "x")


def idx_folder(folder: Path, pixels, write_idx, *, test: str = "t10k", suffix: str = ".gz") -> Path:
    labels = np.array([3, 5, 3, 5, 3, 5])
    for part, rows in (("train", slice(0, 4)), (test, slice(4, 6))):
        write_idx(folder / f"{part}-images-idx3-ubyte{suffix}", pixels[rows])
        write_idx(folder / f"{part}-labels-idx1-ubyte{suffix}", labels[rows])
    return folder


@pytest.mark.parametrize(("test", "suffix"), [("t10k", ".gz"), ("t10k", ""), ("test", "")])
def test_an_idx_folder_gives_both_splits_and_classes_by_number(tmp_path, pixels, write_idx, test, suffix):
    data = read_idx_folder(idx_folder(tmp_path, pixels, write_idx, test=test, suffix=suffix))
    assert data.image_shape == ImageShape(1, 2, 3)
    assert data.classes == ("3", "5")
    assert np.array_equal(data.train.inputs, pixels[:4].reshape(4, 6))
    assert data.test.labels.tolist() == [0, 1]


def test_an_idx_folder_without_its_labels_names_the_file_it_lacks(tmp_path, pixels, write_idx):
    idx_folder(tmp_path, pixels, write_idx)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(MetricError, match="must hold one file t10k-labels-idx1-ubyte"):
        read_idx_folder(tmp_path)


def test_images_and_labels_of_different_counts_are_refused(tmp_path, pixels, write_idx):
    idx_folder(tmp_path, pixels, write_idx)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", np.array([1, 2]))
    with pytest.raises(MetricError, match="and its labels must fit"):
        read_idx_folder(tmp_path)


def cifar_batch(labels: list[int]) -> bytes:
    """Records as published: a label, then 1,024 red, 1,024 green and 1,024 blue bytes, row by row."""
    return b"".join(
        bytes([label]) + bytes([label + 1]) * 1024 + bytes([2]) * 1024 + bytes([3]) * 1024 for label in labels
    )


def cifar_folder(folder: Path) -> Path:
    (folder / "data_batch_1.bin").write_bytes(cifar_batch([0, 9]))
    (folder / "data_batch_2.bin").write_bytes(cifar_batch([9]))
    (folder / "test_batch.bin").write_bytes(cifar_batch([4]))
    return folder


def test_cifar_binary_batches_are_read_in_order_with_their_class_names(tmp_path):
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (cifar_folder(tmp_path) / "batches.meta.txt").write_text("\n".join(names) + "\n\n")
    data = read_cifar10(tmp_path)
    assert data.train.labels.tolist() == [0, 9, 9]
    assert data.classes == tuple(names)
    assert data.image_shape == ImageShape(3, 32, 32)
    red, green = data.train.inputs[1].reshape(3, 32, 32)[:2]
    assert (red == 10).all()
    assert (green == 2).all()


def test_cifar_python_batches_are_refused_with_reason_and_remedy(tmp_path):
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({b"labels": [0]}))
    with pytest.raises(MetricError, match=r"pickle can run code.*cifar-10-binary"):
        read_cifar10(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("test_batch.bin", cifar_batch([1])[:-1], "whole number of 3073-byte records"),
        ("test_batch.bin", b"", "whole number of 3073-byte records"),
        ("data_batch_2.bin", cifar_batch([10]), "must have labels 0 to 9"),
    ],
)
def test_a_damaged_cifar_batch_is_refused(tmp_path, name, data, message):
    (cifar_folder(tmp_path) / name).write_bytes(data)
    with pytest.raises(MetricError, match=message):
        read_cifar10(tmp_path)


def test_cifar_without_its_test_batch_is_refused(tmp_path):
    (cifar_folder(tmp_path) / "test_batch.bin").unlink()
    with pytest.raises(MetricError, match="fetch what is missing"):
        read_cifar10(tmp_path)


def test_an_npz_of_grey_pictures_is_read_as_rows_of_bytes(tmp_path, pixels):
    np.savez(tmp_path / "small.npz", **arrays(pixels))
    data = read_npz(tmp_path / "small.npz")
    assert (data.name, data.image_shape, data.classes) == ("small", ImageShape(1, 2, 3), ("0", "1"))
    assert data.train.inputs.dtype == np.uint8
    assert np.array_equal(data.test.inputs, pixels[4:].reshape(2, 6))


@pytest.mark.parametrize("channels_last", [True, False])
def test_colour_pictures_become_channels_first_whichever_way_they_lie(tmp_path, channels_last):
    colour = np.arange(6 * 3 * 4 * 5, dtype=np.uint8).reshape(6, 3, 4, 5)
    stored = colour.transpose(0, 2, 3, 1) if channels_last else colour
    np.savez(tmp_path / "c.npz", **{key.lower(): value for key, value in arrays(stored).items()})
    data = read_npz(tmp_path / "c.npz")
    assert data.image_shape == ImageShape(3, 4, 5)
    assert np.array_equal(data.train.inputs, colour[:4].reshape(4, -1))


def test_classes_of_many_digits_keep_the_order_of_their_numbers(tmp_path, pixels):
    labels = np.array([2, 10, 2, 10])
    np.savez(tmp_path / "c.npz", **arrays(pixels, y_train=labels, y_test=labels[:2]))
    assert read_npz(tmp_path / "c.npz").train.labels.tolist() == [0, 1, 0, 1]


def test_floats_of_an_npz_are_a_table(tmp_path):
    table = np.linspace(0, 1, 12).reshape(6, 2)
    np.savez(tmp_path / "t.npz", **arrays(table))
    data = read_npz(tmp_path / "t.npz")
    assert data.image_shape is None
    assert data.train.inputs.dtype == np.float32


class Harmful:
    """Unpickling this would leave a mark."""

    def __reduce__(self):
        return (Path.touch, (Path("/tmp/holdfast-unpickled"),))


def test_an_npz_with_objects_in_it_is_refused_and_not_unpickled(tmp_path, pixels):
    np.savez(tmp_path / "o.npz", **arrays(pixels, y_train=np.array([Harmful()] * 4, dtype=object)))
    with pytest.raises(MetricError, match="unpickling, which can run code"):
        read_npz(tmp_path / "o.npz")
    assert not Path("/tmp/holdfast-unpickled").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"X_train": np.zeros((4, 2, 3), dtype=np.int64)}, "must hold pictures as bytes"),
        ({"X_train": np.zeros((4, 2, 3, 2), dtype=np.uint8)}, "give 1 or 3 channels"),
        ({"X_test": np.zeros((2, 3, 3), dtype=np.uint8)}, "must have one size of picture"),
        ({"X_train": np.full((4, 2), np.nan)}, "must hold finite numbers"),
        ({"y_train": np.zeros(4)}, "labels as whole numbers or text"),
        ({"y_train": np.zeros(3, dtype=np.uint8)}, "give one label a row"),
        ({"y_train": np.zeros(4, dtype=np.uint8)}, "must have two classes"),
    ],
)
def test_an_npz_that_does_not_fit_is_refused(tmp_path, pixels, changed, message):
    np.savez(tmp_path / "b.npz", **arrays(pixels, **changed))
    with pytest.raises(MetricError, match=message):
        read_npz(tmp_path / "b.npz")


def test_an_npz_without_an_array_says_which(tmp_path, pixels):
    some = arrays(pixels)
    del some["y_test"]
    np.savez(tmp_path / "m.npz", **some)
    with pytest.raises(MetricError, match="add y_test"):
        read_npz(tmp_path / "m.npz")


def test_a_cut_npz_is_refused(tmp_path, pixels):
    np.savez_compressed(tmp_path / "w.npz", **arrays(pixels))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "w.npz").read_bytes()[:300])
    with pytest.raises(MetricError, match="it is damaged"):
        read_npz(tmp_path / "cut.npz")


def test_a_single_array_is_refused(tmp_path, pixels):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, pixels)
    with pytest.raises(MetricError, match="must be an npz archive"):
        read_npz(tmp_path / "a.npz")


def picture_folder(folder: Path, *, mode: str = "L", per_class: int = 5, size: tuple[int, int] = (4, 3)) -> Path:
    for place, name in enumerate(["cats", "dogs"]):
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            colour = 100 * place + number if mode == "L" else (100 * place + number, 7, 9)
            Image.new(mode, size, colour).save(folder / name / f"{number}.png")
    return folder


def test_a_folder_of_images_is_split_by_class_with_nothing_in_both_parts(tmp_path):
    data = read_image_folder(picture_folder(tmp_path))
    assert data.classes == ("cats", "dogs")
    assert data.image_shape == ImageShape(1, 3, 4)
    assert np.bincount(data.train.labels).tolist() == [4, 4]
    assert np.bincount(data.test.labels).tolist() == [1, 1]
    values = [set(split.inputs[:, 0].tolist()) for split in (data.train, data.test)]
    assert values[0] | values[1] == {0, 1, 2, 3, 4, 100, 101, 102, 103, 104}
    assert not values[0] & values[1]
    assert any("seed" in note for note in data.notes)


def test_train_and_test_folders_are_taken_as_they_are(tmp_path):
    picture_folder(tmp_path / "train", per_class=3)
    picture_folder(tmp_path / "test", per_class=2)
    data = read_image_folder(tmp_path)
    assert (len(data.train), len(data.test), data.notes) == (6, 4, ())


def test_one_colour_picture_makes_all_colour_channels_first(tmp_path):
    picture_folder(tmp_path)
    Image.new("RGB", (4, 3), (11, 22, 33)).save(tmp_path / "cats" / "0.png")
    data = read_image_folder(tmp_path)
    assert data.image_shape == ImageShape(3, 3, 4)
    everything = np.concatenate([data.train.inputs, data.test.inputs]).reshape(-1, 3, 12)
    assert [11, 22, 33] in everything[:, :, 0].tolist()


def test_other_files_are_left_out_and_counted(tmp_path):
    picture_folder(tmp_path)
    (tmp_path / "cats" / "notes.txt").write_text("x")
    (tmp_path / "cats" / ".hidden").write_text("x")
    assert any(note.startswith("1 files left out") for note in read_image_folder(tmp_path).notes)


def test_different_sizes_are_refused_until_a_size_is_given(tmp_path):
    picture_folder(tmp_path)
    Image.new("L", (9, 9)).save(tmp_path / "dogs" / "8.png")
    with pytest.raises(MetricError, match="must have one size"):
        read_image_folder(tmp_path)
    assert read_image_folder(tmp_path, size=6).image_shape == ImageShape(1, 6, 6)


def test_a_damaged_image_is_named(tmp_path):
    picture_folder(tmp_path)
    whole = (tmp_path / "dogs" / "1.png").read_bytes()
    (tmp_path / "dogs" / "1.png").write_bytes(whole[:40])
    with pytest.raises(MetricError, match=r"1\.png must be a readable image"):
        read_image_folder(tmp_path)


def test_sixteen_bit_images_are_refused_rather_than_clipped(tmp_path):
    picture_folder(tmp_path)
    Image.new("I;16", (4, 3), 40_000).save(tmp_path / "dogs" / "1.png")
    with pytest.raises(MetricError, match="8 bits a channel"):
        read_image_folder(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MetricError, match="it has no images"):
        read_image_folder(tmp_path)


def test_a_size_below_one_pixel_is_refused(tmp_path):
    with pytest.raises(MetricError, match="positive number of pixels"):
        read_image_folder(picture_folder(tmp_path), size=0)


def test_the_real_mnist_is_read_whole(real_data):
    """Counts of the digits as the publisher's files have them."""
    path = real_data / "mnist.npz"
    if not path.is_file():
        pytest.skip(f"no mnist.npz in {real_data}")
    data = read_npz(path)
    assert (len(data.train), len(data.test), data.image_shape) == (60_000, 10_000, ImageShape(1, 28, 28))
    assert np.bincount(data.train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
