"""Train the learned layer of output review from replies in the package: torch is needed here and nowhere else."""

__all__: list[str] = []
