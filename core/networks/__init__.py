"""What a network is made of, how it is built, and the files that hold it."""
