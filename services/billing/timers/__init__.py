"""What falls due, by the partner's clock."""
