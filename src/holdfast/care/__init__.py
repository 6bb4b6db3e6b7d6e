"""What a person meets: conversation, education, assessment, intervention."""

__all__: list[str] = ["assessment", "conversation", "education", "intervention"]
