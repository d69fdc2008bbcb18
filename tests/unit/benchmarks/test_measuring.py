"""How costs are counted, and what the contenders are asked."""

import os
import subprocess
import sys

from benchmarks.proof.pipeline.contenders import CONTENDERS
from benchmarks.proof.recorder.made import entries_of, made_transitions
from benchmarks.proof.seeing import QUERIES
from benchmarks.proof.used import cpu_s, memory_mb

BUSY = "import time\nwhile time.process_time() < 0.2: pass"


def test_what_children_used_counts_even_when_they_are_gone() -> None:
    before = cpu_s([os.getpid()])
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert cpu_s([os.getpid()]) - before >= 0.1
    assert memory_mb([os.getpid()]) > 1


def test_a_process_that_is_gone_uses_nothing() -> None:
    assert cpu_s([2**30]) == memory_mb([2**30]) == 0


def test_each_contender_s_work_can_be_counted() -> None:
    assert {contender.done for contender in CONTENDERS} <= set(QUERIES.available_queries)


def test_so_many_transitions_are_made_and_all_of_them_can_be_recorded() -> None:
    transitions = made_transitions(100)
    assert len(transitions) == len(entries_of(transitions)) == len({one.key for one in transitions}) == 100
