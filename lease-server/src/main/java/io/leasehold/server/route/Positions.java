package io.leasehold.server.route;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Positions in a batch, in the order in which they were added. Not thread-safe. */
public final class Positions {
  private static final int CAPACITY_MIN = 16;

  private int[] positions;
  private int size;

  public Positions() {
    this.positions = new int[0];
  }

  private Positions(int[] positions) {
    this.positions = positions;
    this.size = positions.length;
  }

  /** Returns the positions from 0 to below {@code end}. */
  public static Positions before(int end) {
    int[] all = new int[end];
    Arrays.setAll(all, IntUnaryOperator.identity());
    return new Positions(all);
  }

  /** Returns one position. */
  public static Positions of(int position) {
    return new Positions(new int[] {position});
  }

  public void add(int position) {
    if (size == positions.length) {
      positions = Arrays.copyOf(positions, Math.max(CAPACITY_MIN, size * 2));
    }
    positions[size++] = position;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Returns the position that was added as number {@code index}, counted from 0. */
  public int get(int index) {
    return positions[index];
  }
}
