"""The API page: the question on the screen as a program asks it, and the real answer."""
