package io.leasehold.jepsen.history;

/**
 * What a store outside of the cluster did with a write that carried a fencing token.
 *
 * @param sequence the store's own count of the writes it was offered
 */
public record FencedWrite(
    String resource, long sequence, long token, boolean accepted, long atNanos) implements Entry {}
