package io.leasehold.core.key;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The chain hash of the key space (rule S10): goes over every change ever made, so that members
 * whose hashes are equal have equal keys and equal histories. Eight bytes a step, since values may
 * be long. Not for defence against forgery.
 */
final class KeyHash {
  /** Tells the kinds of links in the chain apart. */
  private static final long PUT = 1;

  private static final long DELETED = 2;
  private static final long COMPACTED = 3;
  private static final long DELETED_ATTACHED = 4;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private KeyHash() {}

  static long changed(long hash, KeyEvent event) {
    if (event instanceof KeyEvent.Put put) {
      KeyValue keyValue = put.keyValue();
      long h = add(add(hash, PUT), keyValue.key());
      h = add(h, keyValue.value());
      h = add(add(h, keyValue.createRevision()), keyValue.modRevision());
      return add(add(h, keyValue.version()), keyValue.leaseId());
    }
    return add(add(add(hash, DELETED), event.key()), event.revision());
  }

  /** Which keys there were follows from the links before this one. */
  static long deletedAttached(long hash, long revision, long leaseId) {
    return add(add(add(hash, DELETED_ATTACHED), revision), leaseId);
  }

  static long compacted(long hash, long revision) {
    return add(add(hash, COMPACTED), revision);
  }

  private static long add(long hash, Bytes bytes) {
    byte[] array = bytes.array();
    long h = add(hash, array.length);
    int i = 0;
    for (; i + Long.BYTES <= array.length; i += Long.BYTES) {
      h = add(h, (long) WORDS.get(array, i));
    }
    long rest = 0;
    for (int shift = 0; i < array.length; i++, shift += Byte.SIZE) {
      rest |= (array[i] & 0xffL) << shift;
    }
    return add(h, rest);
  }

  /** One step of SplitMix64 over what came before and the next word. */
  private static long add(long hash, long word) {
    long z = (hash ^ word) + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
