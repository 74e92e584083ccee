"""Networks from outside: checked as files, then loaded and measured in a process of their own."""
