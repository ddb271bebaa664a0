package io.leasehold.cluster;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.mvccpb.KeyValue;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads and writes of keys through one member. */
final class Keys {
  private static final long CALL_SECONDS_MAX = 10;

  private Keys() {}

  static KVGrpc.KVBlockingStub of(MemberProcess member) {
    return KVGrpc.newBlockingStub(member.channel())
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** Returns the end of the range of all keys that begin with the prefix. */
  static ByteString endOf(String prefix) {
    ByteString bytes = bytes(prefix);
    int last = bytes.size() - 1;
    return bytes
        .substring(0, last)
        .concat(ByteString.copyFrom(new byte[] {(byte) (bytes.byteAt(last) + 1)}));
  }

  /** Writes a key and returns the revision. */
  static long put(MemberProcess member, String key, String value) {
    return put(member, key, value, 0);
  }

  static long put(MemberProcess member, String key, String value, long leaseId) {
    return of(member)
        .put(
            PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(value))
                .setLease(leaseId)
                .build())
        .getHeader()
        .getRevision();
  }

  /** Deletes a key and returns the revision. */
  static long delete(MemberProcess member, String key) {
    return of(member)
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())
        .getHeader()
        .getRevision();
  }

  /** Returns a key as it is, or null when there is none. */
  static @Nullable KeyValue get(MemberProcess member, String key) {
    return get(member, key, 0);
  }

  /** Returns a key as it was at a revision, or null when there was none. */
  static @Nullable KeyValue get(MemberProcess member, String key, long revision) {
    List<KeyValue> found =
        of(member)
            .range(RangeRequest.newBuilder().setKey(bytes(key)).setRevision(revision).build())
            .getKvsList();
    return found.isEmpty() ? null : found.get(0);
  }

  /** Returns the keys that begin with the prefix. */
  static List<KeyValue> withPrefix(MemberProcess member, String prefix) {
    return of(member)
        .range(RangeRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(endOf(prefix)).build())
        .getKvsList();
  }

  /** Returns the newest revision that the cluster has. */
  static long revision(MemberProcess member) {
    return of(member)
        .range(RangeRequest.newBuilder().setKey(bytes("no such key")).build())
        .getHeader()
        .getRevision();
  }
}
