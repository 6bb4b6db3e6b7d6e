"""What detection is timed beside."""
