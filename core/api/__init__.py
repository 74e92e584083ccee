"""The HTTP API: TensorFlow Serving's REST form, the Open Inference Protocol, and reading.

It runs beside the pages in the server's process (`core.api.mounting`), or alone by
`python -m core serve` (`core.api.server`). This file stays empty of imports: FastAPI takes a while.
"""
