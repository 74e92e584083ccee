"""Our own widgets that run partly in the browser, with their Python, JS and CSS side by side.

The data sent to a component holds lists and dicts only inside tuples. In any others, Streamlit
looks for data frames, which loads pandas: 0.25 s on the first page and a little at every click.
"""
