"""``python -m llmring`` is the command ``llmring``."""

from llmring.cli import main

if __name__ == "__main__":
    main()
