package io.leasehold.jepsen.cluster;

/** One direction between two members: what {@code from} sends to {@code to}. */
public record DirectedPair(String from, String to) {
  public DirectedPair {
    if (from.equals(to)) {
      throw new IllegalArgumentException("a member cannot be cut off from itself: " + from);
    }
  }

  @Override
  public String toString() {
    return from + ">" + to;
  }
}
