"""Ports are distinct, free, and of the loopback interface."""

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.sandbox.loopback import answers, free_ports, is_free, listen, wait_until


def test_free_ports_are_distinct_and_free() -> None:
    ports = free_ports(0, 0, 0)

    assert len(set(ports)) == 3
    assert all(is_free(port) for port in ports)


def test_a_taken_port_is_refused_with_its_number() -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(ReconcilerError, match=f"Port {port} of 127.0.0.1"):
            free_ports(port, 0)


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    (port,) = free_ports(0)

    assert not answers(port, "/")


def test_waiting_ends_when_it_is_ready() -> None:
    states = iter([False, True])

    assert wait_until(lambda: next(states), alive=lambda: True, seconds=10)


def test_waiting_ends_when_it_is_no_longer_alive() -> None:
    assert not wait_until(lambda: False, alive=lambda: False, seconds=10)


def test_waiting_ends_when_the_time_is_over() -> None:
    assert not wait_until(lambda: False, alive=lambda: True, seconds=0)
