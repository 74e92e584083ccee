"""All 128 patterns at once. Most show no digit, yet the network must answer."""

from collections import Counter
from statistics import fmean

import streamlit as st

from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.segments import bayes
from core.segments.atlas import Entry, Verdict, atlas, count
from core.segments.channels import channel
from core.segments.patterns import DIGIT_PATTERNS
from core.tasks.base import get_task
from ui.atlas.scale import legend
from ui.atlas.tiles import LOOKS, ORDERS, atlas_tiles, patterns
from ui.components.segment_gallery import segment_gallery
from ui.services import saved_models
from ui.session.settings import Setting, one_of, parse_level, restore, share, write_number
from ui.widgets.noise_picker import choose_noise, level_slider, noise_of, show_noise_details
from ui.widgets.pickers import choose_model
from ui.widgets.prediction import confidence_words

TASK = get_task("seven-segment")


def parse_digit(text: str) -> str | None:
    """Returns the digit in a URL whose tiles alone are shown, or None for all tiles."""
    return one_of(TASK.classes)(text) if text else None


MODEL = Setting("atlas_model", lambda: TASK.default_model, "model")
LOOK = Setting("atlas_look", lambda: next(iter(LOOKS)), "color", one_of(list(LOOKS)))
ORDER = Setting("atlas_order", lambda: next(iter(ORDERS)), "order", one_of(list(ORDERS)))
DIGIT: Setting[str | None] = Setting(
    "atlas_digit", lambda: None, "digit", parse_digit, lambda digit: digit or ""
)
NOISE = Setting(
    "atlas_noise",
    lambda: TASK.noises[0].name,
    "noise",
    noise_of(TASK),
)
LEVEL = Setting("atlas_level", lambda: 0.15, "level", parse_level, write_number)
SETTINGS = (MODEL, LOOK, ORDER, DIGIT, NOISE, LEVEL)
# On a phone the choices stand in few lines, and what the tiles teach below them.
STYLE = """
<style>
@media (max-width: 640px) {
  .st-key-atlas_lab > :has(> .st-key-atlas_words) { order: 1; }
  :is(.st-key-atlas_choices, .st-key-atlas_choices [data-testid=stHorizontalBlock]) {
    gap: 0.5rem !important; }
  .st-key-atlas_choices [data-testid=stButtonGroup] { display: flex; align-items: center; }
  .st-key-atlas_choices [data-testid=stWidgetLabel] { flex: 0 0 3.9rem; margin: 0; }
  .st-key-atlas_models [data-testid=stColumn]:last-child { display: none; }
}
</style>
"""


def show_atlas(model: SavedModel) -> None:
    """Shows the controls, what the tiles teach, and the tiles."""
    st.html(STYLE)
    lab = st.container(key="atlas_lab")
    with lab.container(key="atlas_choices"):
        look, order = choose_look()
        if look == "difference" or order == "probability":
            under_noise()
    noise = channel(NOISE.get())
    level = noise.nearest_level(LEVEL.get())
    likelihood = noise.likelihood(level)
    answers = saved_models.segment_answers(model)
    entries = atlas(answers, likelihood)
    with lab.container(key="atlas_words"):
        match look:
            case "answer":
                tell_answers(entries)
            case "confidence":
                tell_confidence(entries)
            case "difference":
                tell_difference(entries, bayes.rule_of(answers), likelihood)
    with lab.container(key="atlas_tiles"):
        opened = show_tiles(entries, look, order)
    if opened:
        st.switch_page(
            "pages/seven_segment.py",
            query_params={
                "pattern": opened,
                "model": model.name,
                "noise": noise.name,
                "level": f"{level:g}",
            },
        )


def show_tiles(entries: tuple[Entry, ...], look: str, order: str) -> str | None:
    """Shows the tiles that the person wants to see; returns the pattern of one just opened."""
    shown = [entry for entry in entries if DIGIT.get() in (None, str(entry.answer))]
    opened = segment_gallery(
        atlas_tiles(shown, look=look, order=order),
        key="atlas",
        on_open=True,
        label="All patterns; Enter opens one",
    )
    if not shown:
        st.info(f"The network reads no pattern as {DIGIT.get()}.", icon=":material/grid_view:")
    st.caption(
        "Frames mark the ten digits. Click a tile to open it on the Seven segments page. On the"
        " keyboard, move with the arrow keys and press Enter."
    )
    return opened


def choose_look() -> tuple[str, str]:
    """Shows the choices of colour, order and digit; returns colour and order."""
    # Side by side where there is room; on narrow screens they wrap.
    with st.container(horizontal=True, gap="medium"):
        look = st.segmented_control(
            "Colour",
            list(LOOKS),
            format_func=lambda name: LOOKS[name].title,
            required=True,
            **LOOK.widget,
        )
        order = st.segmented_control(
            "Order", list(ORDERS), format_func=ORDERS.__getitem__, required=True, **ORDER.widget
        )
        st.pills("Only read as", list(TASK.classes), wrap=True, **DIGIT.widget)
    return str(look), str(order)


def under_noise() -> None:
    """Shows the choice of the noise and its level."""
    left, right = st.columns([2, 3])
    with left:
        noise = choose_noise(NOISE, TASK, LEVEL)
    with right:
        level_slider(noise, LEVEL)
    show_noise_details(NOISE, noise)


def tell_answers(entries: tuple[Entry, ...]) -> None:
    others = Counter(dict.fromkeys(range(len(DIGIT_PATTERNS)), 0))
    others.update(entry.answer for entry in entries if not entry.is_digit)
    (most, often), *_, (least, seldom) = others.most_common()
    few = f"only {seldom}" if seldom else "none"
    st.markdown(
        f"Only {len(DIGIT_PATTERNS)} of the {len(entries)} patterns are digits. The network still"
        " answers with a digit every time, because nobody taught it to say “none”. Besides the"
        f" digits themselves, {patterns(often)} are read as **{most}**, but {few} as **{least}**."
    )


def tell_confidence(entries: tuple[Entry, ...]) -> None:
    digits = [entry.confidence for entry in entries if entry.is_digit]
    others = [entry.confidence for entry in entries if not entry.is_digit]
    st.markdown(
        "The stronger the blue-green, the more confident the answer. On average, the network is"
        f" {confidence_words(fmean(digits))} confident on the ten digits and"
        f" {confidence_words(fmean(others))} on the other {len(others)} patterns; on one of these"
        f" it even reaches **{confidence_words(max(others))}**. Its ten probabilities add up to"
        " 100 % whatever it sees: being confident is not being right."
    )
    st.html(legend())


def tell_difference(
    entries: tuple[Entry, ...], rule: bayes.Rule, likelihood: bayes.Likelihood
) -> None:
    same, different, impossible = (count(entries, verdict) for verdict in Verdict)
    reached, best = bayes.expected_accuracy(rule, likelihood), bayes.ceiling(likelihood)
    st.markdown(
        f"The network agrees with the best possible rule on **{same}** of the {len(entries)}"
        f" patterns and differs on **{different}**; **{impossible}** cannot arise. Under this"
        f" noise it reads **{percent(reached)}** of all displays correctly, and no classifier can"
        f" read more than **{percent(best)}**."
    )
    st.caption(
        "Orange, “9 not 5”: the network answers 9, but 5 is more probable (computed exactly by"
        " Bayes' rule, with all digits equally frequent; in a tie, every tied digit counts as"
        " right). Grey, “(9)”: no digit turns into this pattern, so no answer is right or wrong."
    )


st.title("The atlas of all 128 patterns")
st.markdown(
    "Seven lamps can be lit in 128 ways. Here is **every input** that the network can ever get,"
    " with its answer below. Click one to open it."
)
restore("atlas", SETTINGS)
with st.container(key="atlas_models"):
    chosen = choose_model(MODEL, TASK)
if chosen:
    show_atlas(chosen)
share(SETTINGS)
