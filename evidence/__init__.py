"""Evidence: runs snippets, and hands pages the values, figures, claims and equations that they stand on."""
