"""What the events look like, for those who read and write them."""
