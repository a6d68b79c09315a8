"""What is forgotten in a circle is found in the end, though it is looked for seldom."""

import subprocess
import sys

LEAKY = """
import gc
from shared.garbage import search_seldom

class Link: ...

def forget():
    link = Link()
    link.itself = link

search_seldom()
for _ in range(250_000):
    forget()
left = sum(isinstance(each, Link) for each in gc.get_objects())
print(left, gc.get_freeze_count() > 0)
"""


def test_circles_do_not_pile_up_and_what_was_there_at_the_start_is_left_alone() -> None:
    # In a process of its own: the tests' own interpreter goes on looking as it always does.
    done = subprocess.run([sys.executable, "-c", LEAKY], capture_output=True, text=True, check=True)

    left, is_frozen = done.stdout.split()
    assert int(left) < 110_000
    assert is_frozen == "True"
