"""Ray clusters on this machine: nodes that come and are killed, for measurements and tests.

    with nodes(2) as cluster:
        run(lines, folder, Ray(cluster.address))
        cluster.kill_one()              # kill -9 of a node that is not the head
        cluster.add_one()
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from facerig.errors import ConfigError

STORE_BYTES: Final = 80 << 20
PATIENCE_SECS: Final = 300  # a busy machine starts Ray slowly


class Nodes:
    """Of one core each."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._others: list[Any] = []

    @property
    def address(self) -> str:
        """Of the head."""
        return str(self._cluster.address)

    def add_one(self) -> None:
        """A node more."""
        self._others.append(self._cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES))

    def kill_one(self) -> None:
        """kill -9 of the last node."""
        self._cluster.remove_node(self._others.pop(), allow_graceful=False)


@contextmanager
def nodes(count: int) -> Iterator[Nodes]:
    """A cluster of so many nodes, the head among them; gone at the end. Raises ConfigError without Ray."""
    os.environ.setdefault("RAY_raylet_start_wait_time_s", str(PATIENCE_SECS))
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        from ray.cluster_utils import Cluster
    except ImportError:
        raise ConfigError("Ray is not installed", where="bench cluster",
                          fix='pip install "facerig[cluster]"') from None
    cluster: Any = Cluster(initialize_head=True, head_node_args={
        "num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False})
    try:
        running = Nodes(cluster)
        for _ in range(count - 1):
            running.add_one()
        yield running
    finally:
        cluster.shutdown()
