"""Everything in Digit Lab that is not a page, a package a subject.

The idea that carries it is the task (`core.tasks`): a named classification problem with its
inputs, classes, data, noise and ready-made architectures. Imports go one way, from a level to those
below; `pyproject.toml` lists the levels. Nothing here imports Streamlit. Importing what the pages
use never imports TensorFlow: the few modules that do run in worker processes.
"""
