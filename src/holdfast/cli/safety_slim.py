"""``holdfast safety slim``: cut a sentence network to size, before ``holdfast safety train --encoder``."""

from pathlib import Path

import click

from holdfast.errors import InputError

__all__ = ["slim"]


@click.command("slim")
@click.option("--encoder", required=True, metavar="FOLDER",
              help="A sentence-transformers folder, or a name on the hub.")  # fmt: skip
@click.option("--layers", type=click.IntRange(min=1), help="How many of its first layers to keep; all without it.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Where the network goes: a new folder.")  # fmt: skip
def slim(encoder: str, layers: int | None, out: Path) -> None:
    """Cut a sentence network to the words of the languages that Holdfast reads, and to its first layers.

    A multilingual network is mostly word pieces of languages that nobody here is listened to in. Needs the extra
    `train`.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError(f"Result must be a new folder, got {str(out)!r}; name another.")
    from holdfast.safety.learned.training.slimming import common_words
    from holdfast.safety.learned.training.slimming import slim as cut

    pieces = cut(encoder, out, words=common_words(), layers=layers)
    click.echo(f"wrote {out}: {pieces} word pieces")
