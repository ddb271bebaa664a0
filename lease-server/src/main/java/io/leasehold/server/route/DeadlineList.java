package io.leasehold.server.route;

import org.jspecify.annotations.Nullable;

/**
 * The requests under way, in order of deadline. All wait equally long, so that adding at the end
 * keeps the order. Any thread; each call holds the lock for a few writes.
 */
final class DeadlineList {
  private final int weightMax;
  private @Nullable RoutedRequest first;
  private @Nullable RoutedRequest last;
  private int size;
  private int weight;

  DeadlineList(int weightMax) {
    this.weightMax = weightMax;
  }

  /** Adds a request, or returns false when there is no room for it. */
  synchronized boolean add(RoutedRequest request) {
    if (weight + request.weight() > weightMax) {
      return false;
    }
    request.earlier = last;
    request.isListed = true;
    if (last == null) {
      first = request;
    } else {
      last.later = request;
    }
    last = request;
    size++;
    weight += request.weight();
    return true;
  }

  /** Removes a request, if it is listed. */
  synchronized void remove(RoutedRequest request) {
    if (!request.isListed) {
      return;
    }
    RoutedRequest before = request.earlier;
    RoutedRequest after = request.later;
    if (before == null) {
      first = after;
    } else {
      before.later = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.earlier = before;
    }
    request.isListed = false;
    request.earlier = null;
    request.later = null;
    size--;
    weight -= request.weight();
  }

  /** Removes and returns the first request whose deadline has passed, if there is one. */
  synchronized @Nullable RoutedRequest pollDue(long nowNanos) {
    RoutedRequest request = first;
    if (request == null || nowNanos - request.deadlineNanos < 0) {
      return null;
    }
    remove(request);
    return request;
  }

  /** Removes and returns the first request. */
  synchronized @Nullable RoutedRequest poll() {
    RoutedRequest request = first;
    if (request != null) {
      remove(request);
    }
    return request;
  }

  synchronized int size() {
    return size;
  }
}
