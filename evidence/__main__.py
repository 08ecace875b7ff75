"""What `python -m evidence` runs."""

from evidence.cli import main

main()
