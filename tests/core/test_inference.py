from concurrent.futures import ThreadPoolExecutor

from core.segments import ALL_PATTERNS
from core.store import ModelStore


def test_threads_may_share_a_predictor():
    predictor = ModelStore().get("seven-segment").predictor()
    expected = predictor.predict(ALL_PATTERNS).argmax(axis=1).tolist()

    def ask(start):
        # Batches of many sizes make the interpreter change its shape all the time.
        part = ALL_PATTERNS[start : start + 1 + start % 5]
        return predictor.predict(part).argmax(axis=1).tolist()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, list(range(120)) * 5))
    for start, answer in zip(list(range(120)) * 5, answers, strict=True):
        assert answer == expected[start : start + 1 + start % 5]
