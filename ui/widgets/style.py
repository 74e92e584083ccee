"""The styles that the theme in `.streamlit/config.toml` cannot express."""

# Streamlit writes chosen values in the accent colour. As text on the dark background it must be
# lighter than it may be behind a button's text, for a contrast of 4.5 in both places.
STYLE = """
<style>
[data-testid=stSliderThumbValue] p,
[data-testid=stButtonGroup] [aria-checked=true] p,
[data-testid=stTab][aria-selected=true] p { color: light-dark(#00695c, #4fd8c4) !important; }
/* A popover lies outside the element that knows whether the theme is dark. */
[data-testid=stPopoverBody] [data-testid=stButtonGroup] [aria-checked=true] p {
  color: inherit !important; }
/* Without a mouse, a toolbar would always cover what is above its table. */
@media (hover: none) { [data-testid=stElementToolbar] { display: none; } }
</style>
"""
