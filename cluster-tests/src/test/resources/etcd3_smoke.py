"""What a user of python3-etcd3 does first: lease, lock, transaction, watch.

Arguments: host and port of a member. Prints one line for each part that works; fails otherwise.
"""
import sys
import threading

import etcd3

host, port = sys.argv[1], int(sys.argv[2])
# The members share their keys, so each run takes names of its own.
prefix = "python/%d/" % port
client = etcd3.client(host=host, port=port, timeout=10)


def check(condition, what):
    if not condition:
        sys.exit("wrong: " + what)


def is_refused(lock):
    """Whether somebody else holds the lock.

    The client waits by a function that the tenacity of Debian 12 no longer calls with the right
    arguments: instead of waiting for a lock that is held, acquire fails with a TypeError.
    """
    try:
        return not lock.acquire(timeout=1)
    except TypeError:
        return True


# Lease
lease = client.lease(60)
client.put(prefix + "leased", "v", lease=lease)
value, meta = client.get(prefix + "leased")
check(value == b"v" and meta.lease_id == lease.id, "a key of a lease")
check(0 < lease.remaining_ttl <= 60 and lease.granted_ttl == 60, "the times of a lease")
check(lease.keys == [(prefix + "leased").encode()], "the keys of a lease")
check([answer.TTL for answer in lease.refresh()] == [60], "the answer to a renewal")
lease.revoke()
check(client.get(prefix + "leased") == (None, None), "the end of a lease")
try:
    client.put(prefix + "leased", "v", lease=lease)
    check(False, "a put with a lease that is gone")
except Exception as e:
    check("requested lease not found" in str(e), "the refusal of an unknown lease: %s" % e)
print("lease")

# Lock
first = client.lock(prefix + "lock", ttl=60)
second = client.lock(prefix + "lock", ttl=60)
check(first.acquire(timeout=10) and first.is_acquired(), "taking a free lock")
check(is_refused(second), "a lock that is held")
check(first.refresh() and first.release(), "giving a lock back")
with client.lock(prefix + "lock", ttl=60) as third:
    check(third.is_acquired(), "taking a lock that was given back")
print("lock")

# Transaction
t = client.transactions
key = prefix + "txn"
succeeded, _ = client.transaction(
    compare=[t.version(key) == 0], success=[t.put(key, "1")], failure=[t.get(key)]
)
check(succeeded, "a transaction that finds its key missing")
succeeded, responses = client.transaction(
    compare=[t.value(key) == "2", t.version(key) > 0],
    success=[t.delete(key)],
    failure=[t.get(key), t.put(key, "3")],
)
check(not succeeded and responses[0][0][0] == b"1", "the other branch of a transaction")
check(client.get(key)[0] == b"3", "a put of a transaction")
check(client.replace(key, "3", "4") and not client.replace(key, "3", "5"), "replacing a value")
check(not client.put_if_not_exists(key, "6"), "creating what is there")
print("transaction")

# Watch
for i in range(3):
    client.put(prefix + "range/%d" % i, str(i))
found = [(v, m.key) for v, m in client.get_prefix(prefix + "range/", sort_order="descend")]
check([v for v, _ in found] == [b"2", b"1", b"0"], "a range in descending order: %s" % found)
events, cancel = client.watch_prefix(prefix + "range/")
client.put(prefix + "range/0", "changed")
client.delete_prefix(prefix + "range/")
timer = threading.Timer(10, cancel)
timer.start()
told = []
for event in events:
    told.append((type(event).__name__, event.key, event.value))
    if len(told) == 4:
        cancel()
timer.cancel()
names = [(prefix + "range/%d" % i).encode() for i in range(3)]
check(
    told
    == [("PutEvent", names[0], b"changed")] + [("DeleteEvent", name, b"") for name in names],
    "what a watcher is told: %s" % told,
)
print("watch")
