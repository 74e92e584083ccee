"""Where things stand on the Seven segments page, so that cause and effect share a screen.

On a wide screen the answer stands beside the display, and the damage box under it. On a phone the
answer stays at the top while one scrolls. What stands above something to press has a fixed height.
"""

from __future__ import annotations

import streamlit as st

HEADING = "lesson_heading"
LESSON = "lesson"
TOP = "lesson_top"
GAME_BOX = "game"
BESIDE = "beside_display"
DAMAGE = "damage_box"
REPORT = "digit-lab-report"
EXPLANATION = "explanation"
ANSWERS = "game_answers"
RESULT = "digit-lab-result"

_STYLE = """
<style>
.st-key-lesson_heading { gap: 0.25rem 1rem; }
.st-key-lesson_heading h2 { padding: 0; }
.st-key-lesson { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr);
  grid-template-rows: auto auto 1fr; gap: 0.6rem 4rem; }
/* The blocks around the parts vanish, so that all parts are in one grid. */
.st-key-lesson > [data-testid=stLayoutWrapper]:has(> .st-key-lesson_top),
.st-key-lesson .st-key-lesson_top,
.st-key-lesson .st-key-lesson_top > [data-testid=stLayoutWrapper],
.st-key-lesson .st-key-lesson_top > [data-testid=stLayoutWrapper] >
  [data-testid=stVerticalBlock] { display: contents; }
.st-key-lesson .st-key-display { grid-area: 1 / 1; }
.st-key-lesson [data-testid=stElementContainer]:has(.digit-lab-report) { grid-area: 2 / 1; }
.st-key-lesson > [data-testid=stLayoutWrapper]:has(> .st-key-damage_box) { grid-area: 3 / 1; }
[data-testid=stLayoutWrapper]:has(> .st-key-beside_display) { grid-area: 1 / 2 / span 3; }
.st-key-lesson [data-testid=stLayoutWrapper]:has(> .st-key-explanation) {
  grid-area: 4 / 1 / auto / span 2; }
.st-key-lesson .st-key-address { position: absolute; }
.st-key-lesson .st-key-prediction [role=status] { display: flex; align-items: center;
  gap: 1.2rem; }
.st-key-lesson .digit-lab-answer { font-size: 5.5rem; }
.st-key-lesson .digit-lab-confidence { margin: 0; }
.digit-lab-report { font-size: 0.9rem; line-height: 1.4; min-height: 2.8em; }
.digit-lab-result { font-size: 1.05rem; line-height: 1.4; min-height: 4.2em; }
.st-key-game_answers { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr));
  gap: 0.5rem; }
/* What does nothing at the moment. */
.stMain:has(.digit-lab-result.answered) .st-key-game_answers button,
.stMain:not(:has(.digit-lab-result.answered)) .st-key-next_digit button { opacity: 0.45; }
/* The digit on the key is its shortcut. */
.st-key-game_answers kbd { display: none; }
@media (max-width: 640px) {
  .st-key-lesson { display: flex; gap: 0.75rem; }
  [data-testid=stLayoutWrapper]:has(> .st-key-beside_display), .st-key-beside_display {
    display: contents; }
  .st-key-beside_display > [data-testid=stLayoutWrapper]:has(> .st-key-prediction) {
    order: -2; position: sticky; top: 3.75rem; z-index: 10; background: var(--lab-ground);
    padding: 0.3rem 0; border-bottom: 1px solid var(--lab-line); }
  .st-key-lesson .digit-lab-answer { font-size: 3.5rem; }
  .st-key-lesson .st-key-display,
  .st-key-lesson [data-testid=stElementContainer]:has(.digit-lab-report),
  .st-key-lesson > [data-testid=stLayoutWrapper]:has(> .st-key-damage_box) { order: -1; }
  .digit-lab-report { min-height: 4.2em; }
  .digit-lab-result { min-height: 5.6em; }
  .st-key-damage_box .st-key-damage_noise { flex-basis: 100%; }
  .st-key-damage_box [data-testid=stElementContainer]:has(.stButton) { flex: 1; }
  .st-key-damage_box .stButton, .st-key-damage_box .stButton button { width: 100%; }
  /* What gets the focus must not hide behind the answer. */
  .stMain:has(.st-key-lesson) { scroll-padding-top: 9rem; }
  .st-key-beside_display > [data-testid=stElementContainer]:has(.stMarkdown) {
    min-height: 11rem; }
}
</style>
"""


def show_layout() -> None:
    """Puts the page's style into it, once a run."""
    st.html(_STYLE)
