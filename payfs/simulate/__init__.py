"""What a contract may come to: what is uncertain is drawn, path by path, and the contract pays each path."""
