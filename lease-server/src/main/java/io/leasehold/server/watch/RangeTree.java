package io.leasehold.server.watch;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ranges and what belongs to each, to be asked which ranges hold a key: an interval tree, balanced
 * as a treap, in which equal ranges share a node. Asking costs the logarithm of the number of
 * ranges for each that is found.
 *
 * <p>Watchers choose ranges at will, nested and overlapping; buckets by prefix would go wrong for
 * those that are no prefix, and a list of segments would copy wide ranges into all of them. Not
 * thread-safe.
 */
final class RangeTree<T> {
  private static final class Node<T> {
    final KeyRange range;
    final long priority;
    final Set<T> values = new LinkedHashSet<>(2);
    @Nullable Node<T> left;
    @Nullable Node<T> right;

    /** The greatest end in this subtree; null when one has none. */
    @Nullable Bytes maxEnd;

    Node(KeyRange range, long priority) {
      this.range = range;
      this.priority = priority;
      this.maxEnd = range.end();
    }
  }

  private @Nullable Node<T> root;
  private long nodesMade;

  void add(KeyRange range, T value) {
    Node<T> node = find(range);
    if (node == null) {
      node = new Node<>(range, scrambled(nodesMade++));
      root = insert(root, node);
    }
    node.values.add(value);
  }

  void remove(KeyRange range, T value) {
    Node<T> node = find(range);
    if (node != null && node.values.remove(value) && node.values.isEmpty()) {
      root = delete(root, range);
    }
  }

  /** Visits what belongs to ranges that hold the key. */
  void forEachAt(Bytes key, Consumer<T> visitor) {
    visit(root, key, visitor);
  }

  private static <T> void visit(@Nullable Node<T> node, Bytes key, Consumer<T> visitor) {
    if (node == null || (node.maxEnd != null && node.maxEnd.compareTo(key) <= 0)) {
      return;
    }
    visit(node.left, key, visitor);
    if (node.range.first().compareTo(key) <= 0) {
      if (node.range.contains(key)) {
        node.values.forEach(visitor);
      }
      visit(node.right, key, visitor);
    }
  }

  private @Nullable Node<T> find(KeyRange range) {
    Node<T> node = root;
    while (node != null) {
      int order = compare(range, node.range);
      if (order == 0) {
        return node;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  private static <T> Node<T> insert(@Nullable Node<T> node, Node<T> fresh) {
    if (node == null) {
      return fresh;
    }
    if (compare(fresh.range, node.range) < 0) {
      Node<T> left = insert(node.left, fresh);
      node.left = left;
      if (left.priority > node.priority) {
        node.left = left.right;
        update(node);
        left.right = node;
        update(left);
        return left;
      }
    } else {
      Node<T> right = insert(node.right, fresh);
      node.right = right;
      if (right.priority > node.priority) {
        node.right = right.left;
        update(node);
        right.left = node;
        update(right);
        return right;
      }
    }
    update(node);
    return node;
  }

  private static <T> @Nullable Node<T> delete(@Nullable Node<T> node, KeyRange range) {
    if (node == null) {
      return null;
    }
    int order = compare(range, node.range);
    if (order == 0) {
      return merge(node.left, node.right);
    }
    if (order < 0) {
      node.left = delete(node.left, range);
    } else {
      node.right = delete(node.right, range);
    }
    update(node);
    return node;
  }

  private static <T> @Nullable Node<T> merge(@Nullable Node<T> low, @Nullable Node<T> high) {
    if (low == null) {
      return high;
    }
    if (high == null) {
      return low;
    }
    if (low.priority > high.priority) {
      low.right = merge(low.right, high);
      update(low);
      return low;
    }
    high.left = merge(low, high.left);
    update(high);
    return high;
  }

  private static <T> void update(Node<T> node) {
    Bytes end = node.range.end();
    if (node.left != null) {
      end = later(end, node.left.maxEnd);
    }
    if (node.right != null) {
      end = later(end, node.right.maxEnd);
    }
    node.maxEnd = end;
  }

  private static @Nullable Bytes later(@Nullable Bytes a, @Nullable Bytes b) {
    if (a == null || b == null) {
      return null;
    }
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static int compare(KeyRange a, KeyRange b) {
    int order = a.first().compareTo(b.first());
    Bytes aEnd = a.end();
    Bytes bEnd = b.end();
    if (order != 0 || (aEnd == null && bEnd == null)) {
      return order;
    }
    if (aEnd == null) {
      return 1;
    }
    return bEnd == null ? -1 : aEnd.compareTo(bEnd);
  }

  /** Returns priorities that no order of keys goes along with, the same in each run. */
  private static long scrambled(long number) {
    long x = (number + 1) * 0x9e3779b97f4a7c15L;
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
