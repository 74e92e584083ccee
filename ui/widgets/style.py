"""What the theme in `.streamlit/config.toml` cannot say."""

# Streamlit writes chosen values in the accent colour. On the dark ground that needs to be lighter
# than a button's ground may be, for a contrast of 4.5 with the text in both places.
STYLE = """
<style>
[data-testid=stSliderThumbValue] p,
[data-testid=stButtonGroup] [aria-checked=true] p,
[data-testid=stTab][aria-selected=true] p { color: light-dark(#00695c, #4fd8c4) !important; }
/* A popover hangs outside of what knows whether the theme is dark. */
[data-testid=stPopoverBody] [data-testid=stButtonGroup] [aria-checked=true] p {
  color: inherit !important; }
/* Where nothing hovers a toolbar would always be there, over what stands above its table. */
@media (hover: none) { [data-testid=stElementToolbar] { display: none; } }
</style>
"""
