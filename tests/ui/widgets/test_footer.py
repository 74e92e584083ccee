import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from ui.widgets.footer import MAX_QR_CHARACTERS, qr_code
from ui.wording.next_steps import NEXT, OVERVIEW

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("length", [30, 120, 300])
def test_a_reader_that_nobody_here_wrote_reads_the_qr_code(length):
    link = "http://192.168.1.20:8501/draw?a=" + "0123456789abcdef" * 20
    picture = cv2.imdecode(np.frombuffer(qr_code(link[:length]), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == link[:length]


def test_the_longest_link_still_makes_a_code():
    assert qr_code("x" * MAX_QR_CHARACTERS).startswith(b"\x89PNG")


def test_every_page_leads_on_to_pages_that_exist():
    titles = set(re.findall(r'title="([^"{]+)"', (ROOT / "app.py").read_text())) - {"Digit Lab"}
    assert set(NEXT) == titles
    for page, _, words in (*OVERVIEW, *(step for steps in NEXT.values() for step in steps)):
        assert (ROOT / page).is_file()
        assert words.endswith((".", "?"))
