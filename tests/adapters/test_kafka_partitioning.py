"""Keys go where Kafka's own clients send them, however many are asked about at once."""

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.kafka.partitioning import partitions_of


@given(st.lists(st.binary(max_size=70), max_size=80), st.integers(1, 64))
def test_keys_go_where_the_partitioner_of_other_clients_sends_them(keys: list[bytes], count: int) -> None:
    choose, partitions = DefaultPartitioner(), list(range(count))
    assert partitions_of(keys, count) == [choose(key, partitions, partitions) for key in keys]
