"""Simple methods beside every network: do you need a network at all?"""
