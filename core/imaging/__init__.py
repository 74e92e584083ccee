"""Pictures from outside: opened, ink told from paper, taken apart into digits, and normalized."""
