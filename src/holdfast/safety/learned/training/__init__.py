"""Train the learned layer from the utterances in the package: torch is needed here, and nowhere else in safety."""

__all__: list[str] = []
