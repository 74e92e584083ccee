"""One row for each saved model: how good it is, and the pages where it can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.models.saved_model import SavedModel
from core.tasks import handwritten, seven_segment
from ui.services import saved_models
from ui.session.settings import Setting
from ui.session.state import Key
from ui.widgets.links import target
from ui.wording.models import model_in_short, where_it_comes_from
from ui.wording.phrases import plain

ROWS_SHOWN = 12
_TURN: Key[int] = Key("models_card_turn", int)  # grows when a person asks for a card
_ALL: Key[bool] = Key("models_all_rows", bool)
_STYLE = """
<style>
[class*=st-key-models_row_] [data-testid=stPageLink-NavLink] {
  min-height: 40px; padding: 0 0.75rem; border-radius: 0.5rem;
  border: 1px solid light-dark(#c5d3d0, #3b4745); }
</style>
"""
_mount = st.components.v2.component(
    "digit_lab_show_card",
    js="""
export default function ({ data }) {
  const seen = window.digitLabCard ?? 0;
  window.digitLabCard = data.turn;
  if (!data.turn || data.turn === seen) return;
  const heading = document.querySelector(".st-key-models_card h2");
  heading?.scrollIntoView({ block: "start" });
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}
""",
)


@dataclass(frozen=True)
class Link:
    """A link to a page that opens with a model chosen.

    Args:
        label: of the link.
        page: path of the page's file.
        icon: name of a Material icon.
        parameters: of the page's address.
    """

    label: str
    page: str
    icon: str
    parameters: Mapping[str, str]


def links_of(model: SavedModel, others: Sequence[SavedModel]) -> list[Link]:
    """Returns the links to all pages where a model can be used.

    Args:
        model: the model.
        others: all models of its task, the first of which it is compared with.
    """
    task, one = model.task.name, {"model": model.name}
    links = []
    if task == handwritten.TASK.name:
        links.append(Link("Draw with it", "pages/draw.py", "draw", one))
    elif task == seven_segment.TASK.name:
        links.append(Link("Try it", "pages/seven_segment.py", "counter_7", one))
    links.append(
        Link("Evaluate", "pages/evaluate.py", "fact_check", {"task": task, "model": model.name})
    )
    if model.has_layers:
        links.append(Link("Inside", "pages/inside.py", "biotech", one))
    links.append(
        Link("Noise", "pages/noise.py", "show_chart", {"task": task, "models": model.name})
    )
    rival = [other.name for other in others if other.name != model.name][:1]
    compared = {"task": task, "models": ",".join([model.name, *rival])}
    links.append(Link("Compare", "pages/compare.py", "balance", compared))
    links.append(Link("API", "pages/api.py", "api", {"task": task, "model": model.name}))
    return links


def show_rows(models: Sequence[SavedModel], chosen: Setting[str], owner: str) -> None:
    """Shows a row for each model; a button in it shows the model's card below.

    Args:
        models: all of a task.
        chosen: holds the name of the model whose card is shown.
        owner: the visitor.
    """
    st.html(_STYLE)
    shown = models if _ALL.get() else models[:ROWS_SHOWN]
    for model in shown:
        _show_row(model, models, chosen, mine=model.belongs_to(owner))
    if len(shown) < len(models):
        st.button(
            f"Show all {len(models)} models",
            icon=":material/expand_more:",
            on_click=_ALL.set,
            args=(True,),
        )


def show_chosen_card() -> None:
    """Brings the card into view after a person has asked for it in a row."""
    _mount(key="models_show_card", data={"turn": _TURN.get()}, height=0)


def _show_row(
    model: SavedModel, models: Sequence[SavedModel], chosen: Setting[str], *, mine: bool
) -> None:
    with st.container(border=True, gap="small", key=f"models_row_{model.name}"):
        badges = (" :gray-badge[ensemble]" if model.is_ensemble else "") + (
            " :primary-badge[yours]" if mine else ""
        )
        if model.is_imported:
            badges += " :gray-badge[from outside]"
        st.markdown(f"**{model.name}**{badges}")
        st.markdown(plain(where_it_comes_from(model)))
        st.caption(plain(model_in_short(model, saved_models.exact_accuracy(model))))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            for link in links_of(model, models):
                st.page_link(
                    target(link.page),
                    label=link.label,
                    icon=f":material/{link.icon}:",
                    query_params=dict(link.parameters),
                )
            st.button(
                "Card and files",
                icon=":material/description:",
                key=f"models_show_{model.name}",
                on_click=_choose,
                args=(chosen, model.name),
            )
        if model.is_ensemble:
            st.caption("To look inside, open one of its members: an ensemble has no layers.")
        elif not model.has_layers:
            st.caption("It came as a LiteRT file, which does not tell its layers: no look inside.")


def _choose(chosen: Setting[str], name: str) -> None:
    chosen.set(name)
    _TURN.set(_TURN.get() + 1)
