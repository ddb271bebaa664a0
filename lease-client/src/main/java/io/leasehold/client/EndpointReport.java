package io.leasehold.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How an endpoint is.
 *
 * @param endpoint as the client was given it, without the scheme
 * @param status what the member there says of itself; nothing if it does not answer
 * @param isHealthy whether it answered a linearizable read, for which it needs a leader and a
 *     majority
 * @param took how long that read took, or its failure
 * @param problem why it is not healthy; empty if it is
 */
public record EndpointReport(
    String endpoint,
    Optional<MemberStatus> status,
    boolean isHealthy,
    Duration took,
    String problem) {}
