"""Widgets of our own that run partly in the browser; the Python, JS and CSS lie side by side.

What a component is sent holds lists and dicts only inside of tuples. In those that stand by
themselves Streamlit looks for data frames, for which it loads pandas: a quarter of a second at the
first page, and a little at every click.
"""
