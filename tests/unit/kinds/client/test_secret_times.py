"""How far a rotation is, and which ends of secrets Keycloak cannot have written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.kinds.client.secret_times import CLOSED, EXPIRES, OLD_EXPIRES, RotationPeriods, off_policy, phase_of
from reconciler.model.rotation import Phase, RotationMark, SecretTimes, epoch, moment

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PERIODS = RotationPeriods(timedelta(days=90), timedelta(days=2))
DAY = timedelta(days=1)


def times(
    age: timedelta = 10 * DAY, *, left: timedelta | None = None, rotated: timedelta | None = None, old: timedelta = DAY
) -> SecretTimes:
    """Say a secret's age and the time that is left; how long ago it was rotated, and what is left of the old one."""
    created = NOW - age
    expires = created + PERIODS.expiration if left is None else NOW + left
    if rotated is None:
        return SecretTimes(created, expires, None, None)
    return SecretTimes(created, expires, NOW - rotated, NOW + old)


ROTATED = times(DAY, rotated=DAY)
STALE = times(3 * DAY, rotated=3 * DAY, old=-DAY)


def delivered(said: SecretTimes) -> RotationMark:
    return RotationMark(1, delivered=epoch(said.created))


@pytest.mark.parametrize(
    ("said", "mark", "phase"),
    [
        (times(), None, Phase.SETTLED),
        (STALE, None, Phase.SETTLED),
        (ROTATED, None, Phase.FOREIGN),
        (times(), RotationMark(1), Phase.STARTING),
        (ROTATED, RotationMark(1), Phase.UNDELIVERED),
        (ROTATED, RotationMark(1, delivered=5), Phase.UNDELIVERED),
        (ROTATED, delivered(ROTATED), Phase.OVERLAP),
        (STALE, delivered(STALE), Phase.ENDED),
        (times(), delivered(times()), Phase.ENDED),
        (replace(ROTATED, old_expires=moment(CLOSED)), replace(delivered(ROTATED), closed_from=9), Phase.TRIAL),
        (ROTATED, replace(delivered(ROTATED), closed_from=9), Phase.OVERLAP),
        (times(), replace(delivered(times()), closed_from=9), Phase.ENDED),
    ],
)
def test_the_state_follows_from_keycloak_and_our_mark(
    said: SecretTimes, mark: RotationMark | None, phase: Phase
) -> None:
    assert phase_of(said, mark, NOW) is phase


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = RotationMark(1, 2, 3, 4, 5, aborted=True)
    assert RotationMark.parse(str(mark)) == mark


@pytest.mark.parametrize("text", [None, "", "begun=1", "begun=x old_created=1", "anything at all"])
def test_a_mark_that_we_did_not_write_is_none(text: str | None) -> None:
    assert RotationMark.parse(text) is None


@pytest.mark.parametrize(
    "said",
    [
        times(),
        times(10 * DAY, left=85 * DAY),  # The first login under the policy came later than the secret.
        times(100 * DAY),  # It has expired as it should.
        times(rotated=DAY),
        times(rotated=DAY, old=timedelta(minutes=5)),  # Somebody closed the old one early: it stays closed.
        SecretTimes(None, None, None, None),
    ],
)
def test_what_keycloak_may_have_written_is_no_difference(said: SecretTimes) -> None:
    assert list(off_policy(said, PERIODS, NOW)) == []


def test_a_secret_that_lives_too_long_gets_its_own_end_back() -> None:
    assert list(off_policy(times(left=900 * DAY), PERIODS, NOW)) == [(EXPIRES, NOW + 900 * DAY, NOW + 80 * DAY)]


def test_an_end_is_never_pulled_in_to_now() -> None:
    ((_, _, wanted),) = off_policy(times(200 * DAY, left=900 * DAY), PERIODS, NOW)
    assert wanted == NOW + PERIODS.overlap


def test_a_secret_that_would_die_too_early_gets_its_own_end_back() -> None:
    assert list(off_policy(times(left=DAY), PERIODS, NOW)) == [(EXPIRES, NOW + DAY, NOW + 80 * DAY)]


def test_an_old_secret_that_lives_too_long_gets_its_own_end_back() -> None:
    said = times(DAY, rotated=DAY, old=900 * DAY)
    assert list(off_policy(said, PERIODS, NOW)) == [(OLD_EXPIRES, NOW + 900 * DAY, NOW + DAY)]
