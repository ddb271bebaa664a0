package io.leasehold.server.forward;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests without an answer yet, by correlation number. Numbers are slots, used again after the
 * answer came. Not thread-safe.
 */
final class Outstanding<T> {
  private final int sizeMax;
  private final ArrayList<@Nullable T> slots = new ArrayList<>();
  private int[] free = new int[64];
  private int freeCount;

  Outstanding(int sizeMax) {
    this.sizeMax = sizeMax;
  }

  /** Returns the number under which the request is kept, or -1 when there are too many. */
  int add(T request) {
    if (freeCount > 0) {
      int slot = free[--freeCount];
      slots.set(slot, request);
      return slot;
    }
    if (slots.size() == sizeMax) {
      return -1;
    }
    slots.add(request);
    return slots.size() - 1;
  }

  /** Returns the request of that number; null when there is none. */
  @Nullable T get(long correlation) {
    return correlation < 0 || correlation >= slots.size() ? null : slots.get((int) correlation);
  }

  /** Removes and returns the request of that number; null when there is none. */
  @Nullable T remove(long correlation) {
    if (correlation < 0 || correlation >= slots.size()) {
      return null;
    }
    int slot = (int) correlation;
    T request = slots.set(slot, null);
    if (request != null) {
      if (freeCount == free.length) {
        free = java.util.Arrays.copyOf(free, free.length * 2);
      }
      free[freeCount++] = slot;
    }
    return request;
  }

  int size() {
    return slots.size() - freeCount;
  }

  /** Removes and returns all. */
  List<T> removeAll() {
    List<T> all = new ArrayList<>(size());
    for (T request : slots) {
      if (request != null) {
        all.add(request);
      }
    }
    slots.clear();
    freeCount = 0;
    return all;
  }
}
