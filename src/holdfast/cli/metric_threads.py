"""How many threads torch may use, for the commands that compute with it."""

__all__ = ["use_threads"]


def use_threads(threads: int | None) -> None:
    """Have torch use so many threads; None leaves it as it is."""
    if threads is None:
        return
    import torch

    torch.set_num_threads(threads)
