package io.leasehold.client;

/**
 * A key as it is, or was, at some revision.
 *
 * @param createRevision the revision at which the key came to be; grows from owner to owner, and is
 *     the fencing token of locks and elections
 * @param modRevision the revision of its last change
 * @param version how often it was written since it came to be; 0 for a deletion
 * @param leaseId the lease it hangs on, or 0
 */
public record KeyEntry(
    Bytes key, Bytes value, long createRevision, long modRevision, long version, long leaseId) {}
