import numpy as np

from core.evaluation.level_matrix import LevelMatrix
from core.segments.bayes import best_rule, look_up_rule, nearest_rule
from core.segments.channels import BIT_FLIP, ONE_FAULT
from tests.support.level_matrix import measured
from ui.wording.level_matrix import findings


def exact(*rules, noise=BIT_FLIP):
    levels = (0.05, 0.1, 0.15, 0.2, 0.25)[: len(rules)]
    return findings(LevelMatrix.exact(levels, rules, noise), noise)


def test_the_exact_lesson_of_bit_flip():
    words = exact(*[nearest_rule()] * 5)
    assert words == [
        "All the networks are exactly equally good at every test level.",
        "They reach the best possible accuracy at every level.",
        "In theory, the training level need not matter: with “bit flip”, one set of answers is the"
        " best possible at every level, so a network that learns it at one level knows it for all.",
    ]


def test_nothing_is_said_of_fewer_than_two_networks():
    assert exact(nearest_rule()) == []
    assert exact(None, None) == []
    assert exact(nearest_rule(), None) == []
    assert exact(nearest_rule(), None, nearest_rule())[0] == (
        "Both networks are exactly equally good at every test level."
    )


def test_it_is_not_said_that_all_is_well_when_it_is_not():
    words = exact(look_up_rule(), nearest_rule())
    assert words[0] == (
        "The network trained at **0.1** is best at test levels 0.025 to 0.5. At test level 0,"
        " several networks tie for first place."
    )
    assert words[1].startswith("The largest gap to the best possible accuracy is ")
    assert words[1].endswith(", for the network trained at **0.05**.")
    assert "The gaps come from training: at low levels" in words[2]
    everybody = exact(nearest_rule(), nearest_rule(), noise=ONE_FAULT)
    assert "where every network falls short, whatever its training level" in everybody[1]
    assert "In theory, no network can be best at every level: with “one fault”" in everybody[2]


def test_a_small_loss_is_called_small_and_a_tie_a_tie():
    best = best_rule(BIT_FLIP.likelihood(0.1))
    almost = best.copy()
    almost[5] = np.roll(almost[5], 1)  # another answer to a single rare pattern
    assert exact(almost, best)[1] == (
        "None is ever more than 0.055 points below the best possible."
    )
    words = exact(nearest_rule(), nearest_rule(), look_up_rule())
    assert words[0] == "At every test level, several networks tie for first place."


def test_differences_that_may_be_chance_are_not_called_differences():
    words = findings(measured([(0.99, 0.90, 0.70), (0.98, 0.91, 0.71), (0.985, 0.90, 0.70)]))
    assert words == [
        "No network is clearly the best at any test level: McNemar's test cannot tell the best"
        " ones apart.",
        "All differences between the training levels may be chance.",
    ]


def test_clear_differences_are_told_with_their_numbers():
    words = findings(measured([(0.99, 0.80, 0.30), (0.98, 0.90, 0.50), (0.95, 0.91, 0.70)]))
    assert words == [
        "The network trained at **0.15** is best at test level 0.2. At test levels 0 to 0.1,"
        " McNemar's test cannot tell the best ones apart.",
        "The training level matters most at test level **0.2**: the network trained at **0.05** is"
        " right on 30.0 %, the one trained at **0.15** on 70.0 %.",
        "Averaged over all test levels, training at **0.15** is best, with 85.3 %. Without noise,"
        " it costs 4.0 points.",
    ]


def test_several_winners_are_named_one_after_the_other():
    said = findings(
        measured(
            [(0.99, 0.5, 0.9, 0.5), (0.5, 0.99, 0.5, 0.9)],
            trained=(0.05, 0.1),
            tested=(0.0, 0.1, 0.2, 0.3),
        )
    )[0]
    assert said == (
        "The network trained at **0.05** is best at test levels 0 and 0.2; the one trained at"
        " **0.1** is best at test levels 0.1 and 0.3."
    )
