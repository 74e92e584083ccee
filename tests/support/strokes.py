"""Files of pen strokes for tests, in the form of the UCI collection."""

import numpy as np

HEAD = '.INCLUDE        dene.doc\n\n.LEXICON "0" "1" "2"\n.HIERARCHY      DIGIT\n\n'
BAR = [(100, 300), (101, 200), (100, 100)]  # upright, in the file's y, which grows upwards


def ring():
    """Returns a circle's path."""
    time = np.linspace(0, 2 * np.pi, 30)
    return [(round(200 + 50 * np.cos(t)), round(200 + 50 * np.sin(t))) for t in time]


def unipen(*digits):
    """Writes digits, each `(label, writer, strokes)` with strokes as lists of points."""
    parts = [HEAD]
    for number, (label, writer, strokes) in enumerate(digits):
        parts.append(f'.SEGMENT DIGIT    {number} ? "{label}"\n.COMMENT {label} {writer}  54\n')
        for stroke in strokes:
            points = "".join(f" {x:3d}  {y:3d}\n" for x, y in stroke)
            parts.append(f".PEN_DOWN\n{points}.PEN_UP\n.DT 100\n")
        parts.append("\n")
    return "".join(parts)
