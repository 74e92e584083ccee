"""The styles that the theme in `.streamlit/config.toml` cannot express."""

import streamlit as st

# Streamlit writes chosen values in the accent colour. As text on the dark background it must be
# lighter than it may be behind a button's text, for a contrast of 4.5 in both places.
_STYLE = """
<style>
/* The theme's colours, which Streamlit gives to components only. */
.stApp { --lab-ground: GROUND; --lab-line: LINE; }
[data-testid=stSliderThumbValue] p,
[data-testid=stButtonGroup] [aria-checked=true] p,
[data-testid=stTab][aria-selected=true] p { color: light-dark(#00695c, #4fd8c4) !important; }
/* A popover lies outside the element that knows whether the theme is dark. */
[data-testid=stPopoverBody] [data-testid=stButtonGroup] [aria-checked=true] p {
  color: inherit !important; }
/* Streamlit leaves 6rem above a page. What can be done must be seen at once. */
[data-testid=stMainBlockContainer] { padding-top: 4.25rem; }
@media (max-width: 640px) {
  [data-testid=stMainBlockContainer] h1 { font-size: 1.6rem; padding: 0.25rem 0; }
  [data-testid=stMainBlockContainer] h2 { font-size: 1.35rem; }
  /* Short choices stand two by two, so that what they change is nearer. */
  [class*=st-key-side_by_side] > * > [data-testid=stHorizontalBlock] { align-items: end; }
  [class*=st-key-side_by_side] > * > * > [data-testid=stColumn] {
    flex: 1 1 calc(50% - 1rem); min-width: calc(50% - 1rem); }
}
/* A finger needs 40 pixels. */
@media (max-width: 640px), (pointer: coarse) {
  :is([data-testid=stMain], [data-testid=stPopoverBody], [data-testid=stDialog]) :is(
    [data-testid^=stBaseButton], [data-testid=stButtonGroup] button,
    [data-testid=stPagination] button, [data-testid=stPageLink-NavLink],
    [data-testid=stTextInputRootElement], [data-testid=stNumberInput] :is(input, button),
    :is([data-testid=stSelectbox], [data-testid=stMultiSelect])
      :is([data-baseweb=select] > div, [role=combobox], button),
    [data-testid=stSlider] input[type=range], [data-testid=stRadioOption],
    [data-testid=stCheckbox] label, [data-testid=stTab], summary) { min-height: 2.5rem; }
  [data-testid=stMain] :is([data-testid=stButtonGroup], [data-testid=stPagination],
    [data-testid=stMultiSelect]) button { min-width: 2.5rem; }
  [data-testid=stRadioOption] { align-items: center; }
  [data-testid=stMultiSelect] [data-tag] { height: auto; padding-right: 0; }
  [data-testid=stMultiSelect] :is([role=group], [data-testid=stMultiSelectTagsContainer]) {
    max-height: none; }
  [data-testid=stHeaderActionElements] { display: none; }
  [data-testid=stSidebarNavLink] { min-height: 2.5rem; }
  [data-testid=stExpandSidebarButton] { min-height: 2.5rem; width: auto; padding: 0 0.5rem; }
  [data-testid=stExpandSidebarButton]::after { content: "Menu"; margin-left: 0.25rem; }
  /* The mark of a help text is drawn small; a finger may miss it by 12 pixels. */
  [data-testid=stMain] [data-testid=stTooltipIcon] button { position: relative; min-height: 0; }
  [data-testid=stMain] [data-testid=stTooltipIcon] button::after {
    content: ""; position: absolute; inset: -12px; }
}
/* Without a mouse, a toolbar would always cover what is above its table. */
@media (hover: none) { [data-testid=stElementToolbar] { display: none; } }
</style>
"""


def style() -> str:
    """Returns the style of all pages."""
    return _STYLE.replace("GROUND", _both("backgroundColor")).replace("LINE", _both("borderColor"))


def _both(option: str) -> str:
    """Returns a colour of the theme, light and dark."""
    light, dark = (st.get_option(f"theme.{base}.{option}") for base in ("light", "dark"))
    return f"light-dark({light}, {dark})"
