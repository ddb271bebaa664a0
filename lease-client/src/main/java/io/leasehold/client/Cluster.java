package io.leasehold.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the cluster says of itself. Members are asked at the endpoints that the client was given:
 * whoever is to be told of all must name all.
 *
 * <p>Each request comes in two forms: one that returns a future, and one that waits. A future ends
 * with a {@link LeaseholdException}, and the waiting form throws it.
 */
public interface Cluster {
  /** Lists the members, as they agreed on them. */
  CompletableFuture<List<ClusterMember>> membersAsync();

  /** Lists the members, as they agreed on them. */
  List<ClusterMember> members();

  /** Finds who leads; nothing while nobody does. */
  CompletableFuture<Optional<ClusterMember>> leaderAsync();

  /** Finds who leads; nothing while nobody does. */
  Optional<ClusterMember> leader();

  /**
   * Asks each endpoint at once what it says of itself, in the order of the endpoints. Never fails
   * because of one that does not answer: its report says why.
   */
  CompletableFuture<List<EndpointReport>> reportsAsync();

  /** Asks each endpoint what it says of itself and waits for all, as above. */
  List<EndpointReport> reports();

  /** Lists the alarms that are raised. */
  CompletableFuture<List<ClusterAlarm>> alarmsAsync();

  /** Lists the alarms that are raised. */
  List<ClusterAlarm> alarms();
}
