"""How well detection finds danger and how often it is wrong, by who speaks and how; and how it treats people alike."""
