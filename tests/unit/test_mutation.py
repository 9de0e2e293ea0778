"""How a sample of mutants is judged."""

from pathlib import Path

from scripts.mutation import Mutant, changed, equivalents, folder_of_tests, score

DIFF = """\
--- reconciler/plan/order.py
+++ reconciler/plan/order.py
@@ -1,4 +1,4 @@
 def first(changes):
-    return changes[0]
+    return changes[1]
""".splitlines()
LISTED = """
[[mutant]]
function = "reconciler.plan.order.x_first"
removed = ["return changes[0]"]
added = ["return changes[1]"]
reason = "They are equal."
"""


def test_a_change_is_what_its_diff_changes() -> None:
    mutant = changed("reconciler.plan.order.x_first__mutmut_7", DIFF)

    assert mutant.removed == ("return changes[0]",)
    assert mutant.added == ("return changes[1]",)
    assert mutant.function == "reconciler.plan.order.x_first"


def test_what_is_listed_is_recognized_under_any_number_and_nothing_else_is() -> None:
    (listed,) = equivalents(LISTED)

    assert listed.is_of(changed("reconciler.plan.order.x_first__mutmut_9", DIFF))
    assert not listed.is_of(changed("reconciler.plan.order.x_last__mutmut_9", DIFF))
    assert not listed.is_of(Mutant("reconciler.plan.order.x_first__mutmut_9", ("return changes[0]",), ()))


def test_only_what_can_be_noticed_counts() -> None:
    assert score(9, 1) == 0.9
    assert score(0, 0) == 1.0


def test_a_few_files_are_held_against_the_tests_of_their_folders() -> None:
    assert folder_of_tests(Path("reconciler/kinds/client/fields.py")) == Path("tests/unit/kinds/client")
    assert folder_of_tests(Path("reconciler/plan/order.py")).is_dir()
