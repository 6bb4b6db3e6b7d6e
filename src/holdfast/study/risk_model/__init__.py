"""Our risk: an ensemble of NPLB encoders, trained on graded people, and a distance to the healthy among them."""

__all__: list[str] = []
