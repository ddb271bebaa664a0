package io.leasehold.client;

/**
 * A line of keys. The turn of a place in it has come when fewer than {@code permits} of its rivals'
 * keys are older.
 *
 * @param own what the keys of the places begin with
 * @param rivals what the keys begin with that a place waits for
 * @param permits how many may have their turn at once
 */
record Line(Bytes own, Bytes rivals, int permits) {
  Line {
    if (permits < 1) {
      throw new IllegalArgumentException("there must be a permit at least: " + permits);
    }
  }

  /** Returns the line of etcd's locks and elections: one at a time, whoever was first. */
  static Line of(String name) {
    Bytes prefix = Bytes.of(name + "/");
    return new Line(prefix, prefix, 1);
  }

  /** Returns the key of the one place that a lease has in this line. */
  Bytes key(long leaseId) {
    return own.plus(Bytes.of(Long.toHexString(leaseId)));
  }

  /** Returns the key of one of many places that a lease may have in this line. */
  Bytes key(long leaseId, long number) {
    return own.plus(Bytes.of(Long.toHexString(leaseId) + "-" + number));
  }
}
