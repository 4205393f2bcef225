from __future__ import annotations

import pytest

from aep_delivery.verification.sample import choose

KEYS = [f"folder/part-{number:05d}.json.gz" for number in range(5000)]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_about_the_share_is_chosen_and_the_same_one_always(share: float) -> None:
    chosen = choose(KEYS, share)
    assert len(chosen) == pytest.approx(share * len(KEYS), rel=0.3)
    assert chosen == choose(list(reversed(KEYS)), share)
    assert chosen <= choose(KEYS, share * 1.5)


def test_the_edges() -> None:
    assert choose(KEYS, 1) == set(KEYS)
    assert choose(KEYS, 0) == choose([], 0.5) == set()
    assert len(choose(KEYS[:3], 1e-9)) == 1


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        choose(KEYS, share)
