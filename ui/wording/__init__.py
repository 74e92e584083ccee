"""Sentences and phrases for people."""
