"""The layout of the Noise page: the level, what it does and the curves on one screen.

Side by side where there is room. On a phone the curves come right under the slider, with the
read-out and the samples below. All heights are fixed, so nothing moves as the level moves.
"""

LAB, LEVEL, SAMPLES, CURVES, READINGS, NOTE = (
    f"noise_{part}" for part in ("lab", "level_area", "samples", "curve_area", "readings", "note")
)
CURVE_HEIGHT = 370  # pixels

STYLE = f"""
<style>
.st-key-{LAB} {{
  display: grid; gap: 0.5rem 2rem; grid-template-columns: minmax(0, 9fr) minmax(0, 11fr);
  grid-template-rows: auto auto 1fr;
  grid-template-areas: "level curves" "samples curves" "readings curves"; }}
.st-key-{LAB} :has(> .st-key-{LEVEL}) {{ grid-area: level; }}
.st-key-{LAB} :has(> .st-key-{SAMPLES}) {{ grid-area: samples; }}
.st-key-{LAB} :has(> .st-key-{CURVES}) {{ grid-area: curves; }}
.st-key-{LAB} :has(> .st-key-{READINGS}) {{ grid-area: readings; }}
/* The block around what is drawn anew during a measurement is not part of the grid. */
.st-key-{LAB} > :has(.st-key-{CURVES}), .st-key-{LAB} > :has(.st-key-{CURVES}) > div {{
  display: contents; }}
@media (max-width: 640px) {{ .st-key-{LAB} {{
  grid-template-columns: minmax(0, 1fr); grid-template-rows: none;
  grid-template-areas: "level" "curves" "readings" "samples"; }} }}
.st-key-{CURVES} {{ gap: 0.25rem; }}
.st-key-{NOTE} {{ min-height: 4rem; }}
.st-key-{LEVEL} [data-testid=stSlider] {{ padding-right: 0.5rem; }}
.st-key-{SAMPLES} .digit-lab-tiles {{
  display: grid; gap: 0.3rem; grid-template-columns: repeat(auto-fill, minmax(2.3rem, 1fr)); }}
@media (max-width: 640px) {{ .st-key-{SAMPLES} .digit-lab-tiles {{
  grid-template-columns: repeat(5, 1fr); }} }}
.st-key-{SAMPLES} img {{ width: 100%; height: 3.25rem; object-fit: contain; }}
.digit-lab-readings {{ width: 100%; table-layout: fixed; border-collapse: collapse; }}
.digit-lab-readings caption {{ position: absolute; clip-path: inset(50%); width: 1px; }}
.digit-lab-readings :is(th, td) {{
  height: 2.1rem; padding: 0 0.4rem 0 0; border: 0; text-align: right; font-weight: 400;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  font-variant-numeric: tabular-nums; }}
.digit-lab-readings thead :is(th, td) {{ height: 1.5rem; font-size: 0.85rem; opacity: 0.8; }}
.digit-lab-readings tr > :first-child {{ text-align: left; width: 44%; }}
.digit-lab-readings tbody tr {{ border-top: 1px solid rgba(128, 128, 128, 0.35); }}
.digit-lab-readings .value {{ font-size: 1.25rem; font-weight: 600; }}
</style>
"""
