package io.leasehold.jepsen.history;

/**
 * A key as the cluster shows it.
 *
 * @param leaseId the lease it is attached to, 0 for none
 */
public record KeyValue(
    String key, String value, long createRevision, long modRevision, long version, long leaseId) {}
