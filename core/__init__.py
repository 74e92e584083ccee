"""Everything in Digit Lab that is not a page.

The idea that carries the package is the task (`core.task`): a named problem with its inputs,
classes, data, noise and ready-made architectures. Around it stand data sets, networks, training,
inference, the model store and the command line. Nothing here imports Streamlit, and importing
the package, or anything the pages use, never imports TensorFlow: only `core.fit` and
`core.networks` do, and they run in worker processes.
"""
