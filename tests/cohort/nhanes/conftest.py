"""NHANES files for tests: written here byte by byte, or the real ones where HOLDFAST_DATA has them."""

import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

CARD = 80
Column = Sequence[float | str | None]


def ibm_double(value: float | str | None) -> bytes:
    """Return a number as SAS stores it in a transport file; a word such as ".A" is that kind of missing value."""
    if value is None or isinstance(value, str):
        return (value or ".")[-1].encode() + bytes(7)
    if value == 0:
        return bytes(8)
    sign, value = (0x80, -value) if value < 0 else (0, value)
    exponent = 64
    while value >= 1:
        value, exponent = value / 16, exponent + 1
    while value < 1 / 16:
        value, exponent = value * 16, exponent - 1
    return bytes([sign | exponent]) + round(value * 2**56).to_bytes(7, "big")


def card(text: str) -> bytes:
    return text.ljust(CARD).encode("ascii")


def padded(data: bytes) -> bytes:
    return data + b" " * (-len(data) % CARD)


def transport_bytes(columns: Mapping[str, Column], texts: Sequence[str] = ()) -> bytes:
    """Return a SAS transport file of version 5; columns of ``texts`` are characters, eight wide."""
    stamp = "15JUL15:09:50:30"
    member = "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140"
    head = [
        "HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + "0" * 30,
        f"SAS     SAS     SASLIB  9.3     W32_7PRO{'':24}{stamp}",
        stamp,
        member,
        "HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!" + "0" * 30,
        f"SAS     TEST    SASDATA 9.3     W32_7PRO{'':24}{stamp}",
        stamp,
        f"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000{len(columns):04d}" + "0" * 20,
    ]
    names = b"".join(
        struct.pack(
            ">hhhh8s40s8shhh2s8shhl52s",
            *(2 if name in texts else 1, 0, 8, i + 1, name.ljust(8).encode(), b" " * 40, b" " * 8, 8, 0, 0, b"  "),
            *(b" " * 8, 0, 0, i * 8, b" " * 52),
        )
        for i, name in enumerate(columns)
    )
    rows = zip(*columns.values(), strict=True)
    data = b"".join(
        str(value).ljust(8).encode() if name in texts else ibm_double(value)
        for row in rows
        for name, value in zip(columns, row, strict=True)
    )
    rows_head = card("HEADER RECORD*******OBS     HEADER RECORD!!!!!!!" + "0" * 30)
    return b"".join(map(card, head)) + padded(names) + rows_head + padded(data)


def mortality_line(seqn: int, *, eligible: str = "1", died: str = "0", cause: str = "", months: str = "78 78") -> str:
    """Return a line of the linked mortality file."""
    interview, exam = months.split()
    flags = "00" if died == "1" else ".."
    return f"{seqn:<14}{eligible}{died}{cause:<3}{flags}{'':21}{interview:<3}{exam}".rstrip()


@pytest.fixture
def write_transport(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, columns: Mapping[str, Column], *, texts: Sequence[str] = (), folder: Path = tmp_path) -> Path:
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_bytes(transport_bytes(columns, texts))
        return path

    return write


@pytest.fixture
def write_mortality(tmp_path: Path) -> Callable[..., Path]:
    def write(lines: Sequence[str], *, years: str = "2013_2014", folder: Path = tmp_path) -> Path:
        folder.mkdir(exist_ok=True)
        path = folder / f"NHANES_{years}_MORT_2019_PUBLIC.dat"
        path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        return path

    return write


@pytest.fixture
def line() -> Callable[..., str]:
    return mortality_line


@pytest.fixture
def demo() -> Callable[..., dict[str, Column]]:
    """Return columns of a DEMO file of so many people, numbered from ``first``."""

    def columns(n: int = 4, *, first: int = 73557, survey: int = 8, **other: Column) -> dict[str, Column]:
        made: dict[str, Any] = {
            "SEQN": [first + i for i in range(n)],
            "SDDSRVYR": [survey] * n,
            "RIDSTATR": [2] * n,
            "RIAGENDR": [1 + i % 2 for i in range(n)],
            "RIDAGEYR": [40 + i for i in range(n)],
            "RIDRETH3": [3] * n,
            "WTINT2YR": [1000.0] * n,
            "WTMEC2YR": [1100.0] * n,
            "SDMVSTRA": [104 + i % 2 for i in range(n)],
            "SDMVPSU": [1 + i % 2 for i in range(n)],
        }
        return made | other

    return columns


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real data, or skip."""
    named = os.environ.get("HOLDFAST_DATA")
    folder = Path(named) if named else Path(__file__).parents[3].parent / "shared" / "data"
    if not (folder / "nhanes_raw").is_dir() or not (folder / "nhanes_2011_2018.parquet").is_file():
        pytest.skip(f"no real data: set HOLDFAST_DATA to the folder that holds nhanes_raw (looked in {folder})")
    return folder
