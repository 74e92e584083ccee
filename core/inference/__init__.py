"""Answers: from a network, from several that vote, and from a picture to a reading."""
