package io.leasehold.core.key;

/**
 * What the versions that a key space still has hash to.
 *
 * @param hash equal on two members when the other two numbers are
 * @param compactedRevision the last compaction; what it gave up is not in the hash
 * @param revision the newest revision in the hash
 */
public record HistoryHash(int hash, long compactedRevision, long revision) {}
