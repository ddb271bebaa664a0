package io.leasehold.jepsen.history;

/**
 * What one member said about itself. The numbers belong together: the digest is of the state at the
 * applied index.
 *
 * @param leader whether it took itself for the leader of the term
 * @param leases how many it has; -1 if it did not say
 * @param digest empty if it did not say
 */
public record MemberState(
    String node,
    long atNanos,
    long term,
    boolean leader,
    long appliedIndex,
    long revision,
    long leases,
    String digest)
    implements Entry {}
