package io.leasehold.core.key;

/**
 * A key as of some revision.
 *
 * @param createRevision revision at which the key last came to be
 * @param modRevision revision of this version
 * @param version 1 for the version that created the key, one more with each put
 * @param leaseId the lease it is attached to, 0 for none
 */
public record KeyValue(
    Bytes key, Bytes value, long createRevision, long modRevision, long version, long leaseId) {

  /** Returns the same without the value. */
  KeyValue withoutValue() {
    return new KeyValue(key, Bytes.EMPTY, createRevision, modRevision, version, leaseId);
  }
}
