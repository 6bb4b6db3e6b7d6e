"""Large sets: memory stays within what was allowed; ten thousand queries of sixty thousand take a minute at most."""

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from holdfast.metric.evaluation.labelled_points import LabelledPoints
from holdfast.metric.evaluation.retrieval import retrieve

MIB = 2**20
JUDGE = """
import json, resource, time
import numpy as np
from holdfast.metric.evaluation.report import evaluate
generator = np.random.default_rng(0)
centres = generator.normal(size=(10, 64))
def drawn(n):
    labels = generator.integers(10, size=n)
    return centres[labels] + 1.5 * generator.normal(size=(n, 64)), labels
(reference, reference_labels), (queries, labels) = drawn(60_000), drawn(10_000)
started, used = time.perf_counter(), time.process_time()
report = evaluate(queries, labels, reference=reference, reference_labels=reference_labels)
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "processor_seconds": time.process_time() - used,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "r_precision": report.r_precision.value,
}))
"""


@pytest.mark.parametrize("allowed", [8 * MIB, 32 * MIB])
@pytest.mark.parametrize("to_depth_r", [False, True])
def test_ranking_uses_about_the_memory_it_was_allowed_and_no_more(allowed, to_depth_r):
    """All the distances at once would be 160 MiB."""
    generator = np.random.default_rng(0)
    sets = [
        LabelledPoints(points=generator.normal(size=(n, 4)), codes=np.arange(n) % 3, classes=3) for n in (1000, 20_000)
    ]
    tracemalloc.start()
    try:
        retrieve(*sets, k=5, max_bytes=allowed, to_depth_r=to_depth_r)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.25 * allowed + 4 * MIB  # beside it: a shifted copy of the points, and a few figures a query


@pytest.mark.long
def test_ten_thousand_queries_of_sixty_thousand_take_a_minute_of_two_cores_and_one_and_a_half_gib_at_most():
    done = subprocess.run([sys.executable, "-c", JUDGE], capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    print(measured)
    assert measured["peak_mib"] < 1536
    assert measured["processor_seconds"] < 120  # of two cores: a minute
    assert 0.5 < measured["r_precision"] < 0.9
