"""What each rule of a draft pays at every level of performance, and at the one that is asked about."""

from __future__ import annotations

import streamlit as st

from app.drafts.text import Drafted, looked
from app.parts.kept import Kept
from app.parts.pictures import picture
from app.parts.told import plain, show
from payfs.drafting.draft import Draft
from payfs.drafting.levels import even_levels, level_of, payment_at
from payfs.incentives import PaymentCurve
from payfs.report.charts import payment_curve
from payfs.report.incentives_text import start_said
from payfs.text import Refused


def draw_payments(current: Drafted, draft: Draft) -> None:
    """Draw the payment curve of a rule, and what it pays at a level that is dragged or typed."""
    assert draft.sound is not None
    kept = Kept("paid", current.name)
    rule = kept.choice("Rule", "rule", list(draft.sound.spec.rules))
    if rule is None:
        return
    found = looked(draft.text, rule)
    if not found.curves:
        for incentive in found.found:
            st.text(incentive.what[:1].upper() + incentive.what[1:] + ".")
        return
    curve = found.curves[0]
    if len(found.curves) > 1:
        by_metric = {each.metric: each for each in found.curves}
        metric = kept.choice("What is varied", f"metric of {rule}", list(by_metric))
        curve = by_metric.get(metric or "", curve)
    _at_a_level(kept, curve)


def _at_a_level(kept: Kept, curve: PaymentCurve) -> None:
    """Draw the field and the slider of the level, what is paid there and why, and the curve."""
    name = f"level of {curve.rule} {curve.metric}"
    field, slider = f"{kept.place}/{name}", f"{kept.place}/{name} slider"
    levels = even_levels(curve)
    labels = {curve.scale.written(level): level for level in levels}
    if field not in st.session_state:
        st.session_state[field] = kept.get(name, curve.scale.written(levels[len(levels) // 2]))
    try:
        level = level_of(curve, st.session_state[field])
        nearest = min(labels, key=lambda label: abs(labels[label] - level))
        wrong = None
    except Refused as refused:
        level, wrong = None, refused
        nearest = next(iter(labels))
    if st.session_state.get(slider) not in labels or level is not None:
        st.session_state[slider] = nearest
    typed, dragged = st.columns([2, 3], vertical_alignment="bottom")
    with typed:
        said = st.text_input(plain(f"Level of {curve.metric.replace('_', ' ')}"), key=field)
        kept.put(name, said)
    with dragged:
        if len(labels) > 1:
            st.select_slider(
                "or drag",
                list(labels),
                key=slider,
                format_func=lambda label: plain(curve.scale.show(labels[label])),
                on_change=_dragged,
                args=(field, slider),
            )
    if wrong is not None or level is None:
        show(wrong or [], "This cannot be read as a level:")
    else:
        paid = payment_at(curve, level)
        amount = "not known" if paid.amount is None else curve.money.show(paid.amount)
        st.metric(plain(f"Paid at {paid.level}"), amount)
        for why in paid.why:
            st.markdown(f"- {plain(why)}")
    drawn = payment_curve(curve, level)
    picture(drawn, f"payment-curve-{curve.rule}-{curve.metric}")
    st.caption(plain(start_said(curve)) + ".")


def _dragged(field: str, slider: str) -> None:
    st.session_state[field] = st.session_state[slider]
